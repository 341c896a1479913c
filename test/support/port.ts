// Loopback ports for servers that must be told theirs: free for UDP and TCP at the time of asking, and another
// is tried when somebody was faster.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const attempts = 5;

/** A loopback port that was free for UDP and TCP a moment ago. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const tcp = createServer().listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const address = tcp.address();
    if (address === null || typeof address === 'string') throw new Error('A TCP socket without a port');
    const udp = createSocket('udp4');
    const free = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false));
      udp.bind(address.port, '127.0.0.1', () => resolve(true));
    });
    udp.close();
    tcp.close();
    await once(tcp, 'close');
    if (free) return address.port;
  }
  throw new Error('No port that is free for both UDP and TCP');
}

/** Starts a server on a free port, and on another one when that was taken in between. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      const taken = error instanceof Error && /address (already )?in use|EADDRINUSE/i.test(error.message);
      if (!taken || attempt >= attempts) throw error;
    }
  }
}
