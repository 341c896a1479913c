// The TLS handshake on an open connection, with every judgement left to us: the runtime neither refuses nor
// accepts, it only reports. RFC 8446, RFC 5246.

import { constants, X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, createSecureContext, rootCertificates, type SecureContext, type TLSSocket } from 'node:tls';
import { peerChain } from './certificate.js';
import { TlsError } from './error.js';

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/**
 * The settings that all connections of one policy share. The bundled roots are always in it; the environment
 * (`NODE_EXTRA_CA_CERTS`) adds nothing.
 *
 * @param ca PEM certificates that are trusted beside the bundled roots
 * @throws TlsError `ERR_TLS_CONFIG` for text that holds no certificate
 */
export function createClientContext(ca: readonly string[], minVersion: TlsVersion): SecureContext {
  for (const pem of ca) {
    try {
      new X509Certificate(pem);
    } catch (cause) {
      // OpenSSL would leave such an entry out without a word.
      throw new TlsError('ERR_TLS_CONFIG', 'ca: an entry holds no PEM certificate', { cause });
    }
  }
  return createSecureContext({
    ca: [...rootCertificates, ...ca],
    minVersion,
    // A renegotiation could put another certificate in the place of the one that was judged.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });
}

/** A finished handshake that nobody has judged yet. */
export interface Handshake {
  readonly socket: TLSSocket;
  /** DER, leaf first; never empty. */
  readonly chain: readonly Uint8Array[];
  readonly leaf: X509Certificate;
  /** What OpenSSL holds against the chain, for instance `CERT_HAS_EXPIRED`; undefined when nothing. */
  readonly webpkiError?: string;
  readonly protocol: string;
  readonly cipher: string;
}

/**
 * Makes the handshake. Whatever fails, both sockets are destroyed before it rejects.
 *
 * @param host SNI, unless it is an IP address (RFC 6066 section 3)
 * @throws what the runtime reports, the signal's reason, or TlsError when there is no certificate to judge
 */
export async function makeHandshake(
  tcp: Socket,
  host: string,
  secureContext: SecureContext,
  signal: AbortSignal,
): Promise<Handshake> {
  let socket: TLSSocket | undefined;
  try {
    signal.throwIfAborted();
    socket = connect({
      socket: tcp,
      secureContext,
      servername: isIP(host) === 0 ? host : '',
      // The runtime reports its outcome and goes on; nothing is written before the Verdict.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      // HTTP is what is spoken; agent protocols (mcp, a2a) are no ALPN identifiers.
      ALPNProtocols: ['http/1.1'],
    });
    // A peer may reset the connection at any moment until the user has a handler of his own; each waiting step
    // sees the end by itself, and no such moment may end the process.
    socket.on('error', () => undefined);
    await secured(socket, signal);
    return read(socket);
  } catch (error) {
    socket?.destroy();
    tcp.on('error', () => undefined);
    tcp.destroy();
    throw error;
  }
}

function secured(socket: TLSSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('secureConnect', onSecure);
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
      then();
    };
    const onSecure = (): void => settle(resolve);
    const onError = (error: Error): void => settle(() => reject(error));
    const onClose = (): void => settle(() => reject(new Error('the peer closed the connection')));
    const onAbort = (): void => settle(() => reject(signal.reason));
    socket.once('secureConnect', onSecure);
    socket.once('error', onError);
    socket.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function read(socket: TLSSocket): Handshake {
  const chain = peerChain(socket);
  const [der] = chain;
  if (der === undefined) {
    throw new TlsError('ERR_TLS_HANDSHAKE_FAILED', 'the peer showed no certificate');
  }
  return {
    socket,
    chain,
    leaf: new X509Certificate(der),
    // Typed as an Error, but a code or a message at run time.
    ...(socket.authorized ? {} : { webpkiError: String(socket.authorizationError) }),
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
  };
}
