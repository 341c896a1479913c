// Source ports: each for one query, few opened ahead, none left open, none believed that was touched before its query.

import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createSourcePorts, type SourcePorts } from '../../src/transport/source-ports.js';

const closables: { close(): unknown }[] = [];
afterEach(() => {
  for (const closable of closables.splice(0)) closable.close();
});

/** A server that notes whence it was asked, and sends back what it got. */
async function startEcho() {
  const asked: number[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (datagram, from) => {
    asked.push(from.port);
    socket.send(datagram, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  closables.push(socket);
  return { asked, socket, address: { host: '127.0.0.1', port: socket.address().port } };
}

function portsTo(address: { readonly host: string; readonly port: number }): SourcePorts {
  const ports = createSourcePorts(address);
  closables.push(ports);
  return ports;
}

/** Sends a query and waits for what comes back. */
function ask(ports: SourcePorts, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const giveUp = ports.send(Buffer.from(text), {
      onMessage: (datagram) => {
        giveUp();
        resolve(Buffer.from(datagram).toString());
      },
      onError: reject,
    });
  });
}

/** The local ports of this process's UDP sockets, the given one left out. */
function openPorts(server: number): readonly number[] {
  const report: unknown = process.report.getReport();
  const handles =
    typeof report === 'object' && report !== null && 'libuv' in report && Array.isArray(report.libuv)
      ? report.libuv
      : [];
  return handles.flatMap((handle) =>
    handle.type === 'udp' && handle.localEndpoint && handle.localEndpoint.port !== server
      ? [Number(handle.localEndpoint.port)]
      : [],
  );
}

describe('source ports', () => {
  it('are used once, one query after another and side by side', async () => {
    const { asked, address } = await startEcho();
    const ports = portsTo(address);
    for (const text of ['a', 'b', 'c', 'd']) expect(await ask(ports, text)).toBe(text);
    await Promise.all(['e', 'f', 'g', 'h'].map((text) => ask(ports, text)));
    expect(asked).toHaveLength(8);
    expect(new Set(asked).size).toBe(8);
  });

  it('are opened ahead from the second query on, two at most, and closed when nobody asks', async () => {
    const { address } = await startEcho();
    const ports = portsTo(address);
    await ask(ports, 'a');
    await sleep(20);
    expect(openPorts(address.port)).toHaveLength(0);
    await Promise.all([...'abcdefgh'].map((text) => ask(ports, text)));
    await sleep(20);
    expect(openPorts(address.port)).toHaveLength(2);
    await expect.poll(() => openPorts(address.port), { timeout: 2000 }).toHaveLength(0);
  });

  it('are closed with the exchange', async () => {
    const { address } = await startEcho();
    const ports = portsTo(address);
    for (const text of 'abc') await ask(ports, text);
    await sleep(20);
    expect(openPorts(address.port).length).toBeGreaterThan(0);
    ports.close();
    await sleep(20);
    expect(openPorts(address.port)).toHaveLength(0);
  });

  it('are given up when something comes in before the query', async () => {
    const { asked, socket, address } = await startEcho();
    const ports = portsTo(address);
    for (const text of 'abc') await ask(ports, text);
    await sleep(20);
    const waiting = openPorts(address.port);
    expect(waiting.length).toBeGreaterThan(0);
    for (const port of waiting) socket.send('guess', port, '127.0.0.1');
    await sleep(20);
    expect(openPorts(address.port)).toHaveLength(0);
    expect(await ask(ports, 'd')).toBe('d');
    expect(waiting).not.toContain(asked.at(-1));
  });

  it('opened ahead serve the next query when nothing comes in', async () => {
    const { asked, address } = await startEcho();
    const ports = portsTo(address);
    for (const text of 'abc') await ask(ports, text);
    await sleep(20);
    const waiting = openPorts(address.port);
    expect(await ask(ports, 'd')).toBe('d');
    expect(waiting).toContain(asked.at(-1));
  });

  it('say so when nobody listens', async () => {
    const { socket, address } = await startEcho();
    closables.splice(closables.indexOf(socket), 1);
    await new Promise<void>((resolve) => socket.close(resolve));
    await expect(ask(portsTo(address), 'a')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
