// The verified connector as an undici Agent: every connection of its pool went through `connectPeer`.

import type { Verdict } from '@countersign/core';
import { Agent, type buildConnector } from 'undici';
import { PeerRefusedError, TlsError } from './error.js';
import { createPeerConnector, type PeerConnector, type VerifiedPeer } from './peer.js';
import type { PeerOptions } from './policy.js';

/** What a peer must prove, and who hears about it. */
export interface DispatcherOptions extends PeerOptions {
  /** Called once for each new connection, accepted or refused, before anything is written to it. */
  readonly onVerdict?: (verdict: Verdict) => void;
  /**
   * Makes the connections, in place of one made of these options: many dispatchers can share one, whose trust store
   * is costly to build. Default: `createPeerConnector(options)`.
   */
  readonly connector?: PeerConnector;
}

/**
 * Makes an undici Agent that talks to verified peers only. `http:` is refused (`ERR_CLEARTEXT_REFUSED`).
 *
 * The pool belongs to this dispatcher: a connection is never used under other options than those it was verified
 * by. TLS sessions are not cached, so that each connection shows its certificate.
 *
 * @throws TlsError `ERR_TLS_CONFIG` for an option that cannot be used
 */
export function createDispatcher(options: DispatcherOptions): Agent {
  const connectPeer = options.connector ?? createPeerConnector(options);

  const open = async ({ hostname, protocol, port }: buildConnector.Options): Promise<VerifiedPeer> => {
    if (protocol !== 'https:') throw cleartextRefused(`${protocol}//${hostname}`);
    let peer: VerifiedPeer;
    try {
      peer = await connectPeer({ host: hostname, port: port === '' ? 443 : Number(port) });
    } catch (error) {
      if (error instanceof PeerRefusedError) options.onVerdict?.(error.verdict);
      throw error;
    }
    try {
      options.onVerdict?.(peer.verdict);
    } catch (error) {
      peer.socket.destroy();
      throw error;
    }
    return peer;
  };

  const connect: buildConnector.connector = (target, callback) => {
    open(target).then(
      ({ socket }) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
  return new Agent({ connect, maxCachedSessions: 0 });
}

/** The refusal of a URL that would send in the clear. */
export function cleartextRefused(url: string): TlsError {
  return new TlsError('ERR_CLEARTEXT_REFUSED', `${url} would be sent in the clear: use https`);
}
