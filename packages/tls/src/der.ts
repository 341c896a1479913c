// Where one DER element lies inside its octets: enough to slice a certificate without ever re-encoding it.
// ITU-T X.690 section 10: definite, minimal lengths only. Structures that need more go to an ASN.1 library.

import { TlsError } from './error.js';

/** One element: its value is `der.subarray(content, end)`, all of it `der.subarray(start, end)`. */
export interface DerElement {
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

export const derTag = { integer: 0x02, bitString: 0x03, sequence: 0x30, version: 0xa0 } as const;

const malformed = (why: string): TlsError => new TlsError('ERR_CERTIFICATE_MALFORMED', `not DER: ${why}`);

/**
 * Reads the element with this tag at `offset`, which must end at or before `limit`.
 *
 * @throws TlsError `ERR_CERTIFICATE_MALFORMED`: another tag, truncated, or a length that DER does not allow
 */
export function readElement(der: Uint8Array, offset: number, limit: number, tag: number): DerElement {
  const found = der[offset];
  const first = der[offset + 1];
  if (found === undefined || first === undefined || offset + 2 > limit) throw malformed('truncated');
  if (found !== tag) throw malformed(`tag ${found} where ${tag} belongs`);
  let content = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    // Three octets of length reach 16 MB, far above any certificate; none is the indefinite form of BER.
    if (octets === 0 || octets > 3) throw malformed('a length that DER does not allow');
    length = 0;
    for (let index = 0; index < octets; index++) length = length * 256 + (der[content + index] ?? 0);
    if (length < 0x80 || length < 256 ** (octets - 1)) throw malformed('a length that is not minimal');
    content += octets;
  }
  if (content + length > limit) throw malformed('truncated');
  return { start: offset, content, end: content + length };
}

/** Reads an element that must fill `der` to the last octet. */
export function readWhole(der: Uint8Array, tag: number): DerElement {
  const element = readElement(der, 0, der.length, tag);
  if (element.end !== der.length) throw malformed('octets after the end');
  return element;
}
