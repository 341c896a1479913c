// Queries over HTTP/2: each a POST of its own on one session (RFC 8484).

import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
} from 'node:http2';
import { isIPv6 } from 'node:net';
import type { DnsError } from '../error.js';
import { garbled, silent, unreachable } from './attempt.js';
import { type Link, Occupancy, type Opener, type Outcome } from './link.js';
import { isReplyTo, isTruncated, type Query } from './query.js';
import { defaultPorts, type HttpsServer } from './server.js';
import { createTlsConnector } from './tls.js';
import { waitFor } from './wait.js';

const mediaType = 'application/dns-message';
const maxBodyOctets = 65535;
/** Of one reply; their octets are bounded by nghttp2, to 65536. */
const maxHeaderFields = 64;
const cancelCode = 8;

/** Makes what opens sessions with one server. */
export function createHttpsOpener(server: HttpsServer, idleTimeoutMs: number): Opener {
  const connect = createTlsConnector(server, 'HTTPS', 'h2');
  return async (signal) => {
    const [http2, socket] = await Promise.all([import('node:http2'), connect(signal)]);
    if (socket.alpnProtocol !== 'h2') {
      socket.destroy();
      throw unreachable(server, 'HTTPS', new Error('it does not speak HTTP/2'));
    }
    const session = http2.connect(`https://${authorityOf(server)}`, {
      createConnection: () => socket,
      maxHeaderListPairs: maxHeaderFields,
      settings: { enablePush: false },
    });
    return createSessionLink(session, server, idleTimeoutMs);
  };
}

function createSessionLink(session: ClientHttp2Session, server: HttpsServer, idleTimeoutMs: number): Link {
  let usable = true;
  let lastReplyAt = 0;
  let failure: Error | undefined;

  const occupancy = new Occupancy(idleTimeoutMs, {
    hold: () => session.ref(),
    release: () => session.unref(),
    onIdle: () => {
      usable = false;
      session.close();
    },
  });
  const lost = (error?: Error): Outcome => ({
    lost: unreachable(server, 'HTTPS', error ?? failure ?? new Error('closed without a reply')),
  });
  const retire = (): void => {
    usable = false;
    if (occupancy.waiting === 0) session.destroy();
  };

  session.on('error', (error) => {
    failure = error;
  });
  // The runtime answers what came before it and lets the rest fail; nothing new may be begun.
  session.on('goaway', () => {
    usable = false;
  });
  session.on('close', () => {
    usable = false;
    occupancy.end();
  });

  return {
    get usable() {
      return usable && !session.closed && !session.destroyed;
    },
    ask(make, limits) {
      const sentAt = performance.now();
      const onTimeout = (): DnsError => {
        if (lastReplyAt < sentAt) retire();
        return silent(server, 'HTTPS', limits.timeoutMs);
      };
      return waitFor<Outcome>({ ...limits, onTimeout }, ({ resolve, reject }) => {
        // RFC 8484 section 4.1: the same question is the same request, so the id is always 0.
        const query = make(0);
        const stream = request(session, server, query);
        if (stream instanceof Error) {
          resolve(lost(stream));
          return () => undefined;
        }
        occupancy.enter();
        const body = new Body();
        let streamError: Error | undefined;
        stream.on('error', (error) => {
          streamError = error;
        });
        stream.on('response', (headers) => {
          lastReplyAt = performance.now();
          const problem = headerProblem(headers);
          if (problem !== undefined) reject(garbled(server, 'HTTPS', problem));
        });
        stream.on('data', (chunk: Buffer) => {
          if (!body.add(chunk))
            reject(garbled(server, 'HTTPS', `a body of more than ${maxBodyOctets} octets`));
        });
        // Only when it has closed is it known whether it ended or was reset: a reset stream tells of an end as well.
        stream.on('close', () => {
          if (!stream.readableEnded || stream.rstCode !== 0) return resolve(lost(streamError));
          const reply = body.octets();
          const problem = replyProblem(query, reply);
          if (problem === undefined) resolve({ reply });
          else reject(garbled(server, 'HTTPS', problem));
        });
        return () => {
          if (!stream.closed) stream.close(cancelCode);
          occupancy.leave();
          if (!usable) retire();
        };
      });
    },
    close() {
      usable = false;
      occupancy.end();
      session.destroy();
    },
  };
}

/** Begins a request; an error when the session has ended meanwhile. */
function request(session: ClientHttp2Session, server: HttpsServer, query: Query): ClientHttp2Stream | Error {
  try {
    const stream = session.request({
      ':method': 'POST',
      ':scheme': 'https',
      ':authority': authorityOf(server),
      ':path': server.path,
      accept: mediaType,
      'content-type': mediaType,
      'content-length': query.octets.length,
    });
    stream.end(query.octets);
    return stream;
  } catch (error) {
    return error instanceof Error ? error : new Error('no request could be made', { cause: error });
  }
}

function headerProblem(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): string | undefined {
  if (headers[':status'] !== 200) return `HTTP status ${headers[':status']}`;
  const type = headers['content-type'] ?? '';
  if (type.split(';', 1)[0]?.trim().toLowerCase() !== mediaType) {
    return `a body that is ${JSON.stringify(type.slice(0, 100))}, not ${mediaType}`;
  }
  const length = Number(headers['content-length'] ?? 0);
  return length <= maxBodyOctets ? undefined : `a body of more than ${maxBodyOctets} octets`;
}

function replyProblem(query: Query, reply: Uint8Array): string | undefined {
  if (!isReplyTo(query, reply)) return 'a message that is no reply to the query';
  return isTruncated(reply) ? 'a truncated reply, where none need be' : undefined;
}

function authorityOf({ name, host, port }: HttpsServer): string {
  const authority = name ?? (isIPv6(host) ? `[${host}]` : host);
  return port === defaultPorts.https ? authority : `${authority}:${port}`;
}

/** A bounded body. */
class Body {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  /** False when it has become too long. */
  add(chunk: Buffer): boolean {
    this.#length += chunk.length;
    if (this.#length > maxBodyOctets) return false;
    this.#chunks.push(chunk);
    return true;
  }

  octets(): Uint8Array {
    return Buffer.concat(this.#chunks, this.#length);
  }
}
