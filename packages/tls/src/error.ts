// What goes wrong about a peer: a refusal carries the Verdict that explains it.

import { CountersignError, firstFailure, type Verdict } from '@countersign/core';

/**
 * The base of this package's errors.
 *
 * Codes of its own: `ERR_TLS_CONFIG` (an option cannot be used), `ERR_CLEARTEXT_REFUSED` (an `http:` URL),
 * `ERR_REDIRECT_REFUSED` (a redirect to another origin), `ERR_CERTIFICATE_MALFORMED`, `ERR_CONNECT_FAILED`.
 */
export class TlsError extends CountersignError {
  override readonly name: string = 'TlsError';
}

/**
 * A peer that was not accepted. No octet of the application was written to it.
 *
 * `code` is made of the reason of the first failed check: `dane_mismatch` gives `ERR_DANE_MISMATCH`.
 */
export class PeerRefusedError extends TlsError {
  override readonly name: string = 'PeerRefusedError';

  constructor(
    /** Every check that was made, in order; the refusal is explained by it alone. */
    readonly verdict: Verdict,
    options?: ErrorOptions,
  ) {
    const failure = firstFailure(verdict);
    const reason = failure?.reason ?? 'tls_handshake_failed';
    super(
      `ERR_${reason.toUpperCase()}`,
      `${verdict.subject} was refused: ${failure?.detail ?? 'no check was made'}`,
      options,
    );
  }
}
