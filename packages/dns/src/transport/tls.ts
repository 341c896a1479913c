// A TLS connection to a server that has proven who it is before the first query is sent (RFC 7858, RFC 8310). There
// is no way from here to clear text.

import { constants, createHash, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { type Carrier, unauthenticated, unreachable } from './attempt.js';
import type { Opener } from './link.js';
import { untilOpen } from './opening.js';
import { createPipeline, type PipelineOptions } from './pipeline.js';
import type { HttpsServer, TlsServer } from './server.js';

/** Makes what connects to one server over TLS. */
export function createTlsOpener(server: TlsServer, options: PipelineOptions): Opener {
  const connect = createTlsConnector(server, 'TLS', 'dot');
  return async (signal) => createPipeline(await connect(signal), options);
}

/** Opens proven connections to one server. */
export type TlsConnector = (signal: AbortSignal) => Promise<TLSSocket>;

/**
 * @param alpn the application protocol offered (RFC 7301)
 * @returns a function that connects; it throws DnsError `ERR_DNS_UNREACHABLE` or `ERR_DNS_UNAUTHENTICATED`, and the
 *   signal's reason when it aborts
 */
export function createTlsConnector(
  server: TlsServer | HttpsServer,
  carrier: Carrier,
  alpn: 'dot' | 'h2',
): TlsConnector {
  const pinOnly = server.pins !== undefined && server.name === undefined;
  let context: SecureContext | undefined;
  return async (signal) => {
    const tls = await import('node:tls');
    signal.throwIfAborted();
    // Reading the bundled roots takes long enough to do it once a server. The environment adds nothing to them.
    context ??= tls.createSecureContext({
      ...(pinOnly ? {} : { ca: [...tls.rootCertificates, ...(server.ca ?? [])] }),
      minVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    });
    const socket = tls.connect({
      host: server.host,
      port: server.port,
      secureContext: context,
      // RFC 6066 section 3: an IP address is no server name.
      servername: server.name ?? '',
      ALPNProtocols: [alpn],
      rejectUnauthorized: !pinOnly,
      checkServerIdentity: (_, { raw }) => nameProblem(server, new X509Certificate(raw)),
    });
    socket.setNoDelay(true);
    await untilOpen<Socket>(socket, 'secureConnect', signal, (error) =>
      socket.authorizationError
        ? unauthenticated(server, error.message, { cause: error })
        : unreachable(server, carrier, error),
    );
    const problem = pinProblem(server, socket.getPeerX509Certificate());
    if (problem === undefined) return socket;
    socket.destroy();
    throw unauthenticated(server, problem);
  };
}

// RFC 7858 section 4.2. Only the server's own key: without a path, what else it sends along proves nothing.
function pinProblem(
  { pins }: TlsServer | HttpsServer,
  leaf: X509Certificate | undefined,
): string | undefined {
  if (pins === undefined) return undefined;
  if (leaf === undefined) return 'it has no certificate';
  const spki = leaf.publicKey.export({ type: 'spki', format: 'der' });
  const seen = createHash('sha256').update(spki).digest('base64');
  return pins.includes(seen) ? undefined : `its key is sha256/${seen}, which is none of the pins`;
}

// RFC 9525: names in subjectAltName only, a wildcard is the whole left-most label.
function nameProblem(server: TlsServer | HttpsServer, certificate: X509Certificate): Error | undefined {
  const { name, host } = server;
  const found =
    name === undefined
      ? certificate.checkIP(host)
      : certificate.checkHost(name, { subject: 'never', partialWildcards: false });
  if (found !== undefined) return undefined;
  const names = certificate.subjectAltName?.slice(0, 200) ?? 'nobody';
  return new Error(`its certificate does not name ${name ?? host}; it names ${names}`);
}
