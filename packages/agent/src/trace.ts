// The identifiers of one call: the Signal's own, and the W3C trace context that goes with every request of it
// (https://www.w3.org/TR/trace-context/, version 00).

import type { RandomBytes } from '@countersign/core';

export interface Trace {
  /** A random UUID (RFC 9562 version 4). */
  readonly id: string;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The header's value; the call is the root span and is sampled. */
  readonly traceparent: string;
}

export function startTrace(random: RandomBytes): Trace {
  const traceId = identifier(random, 16);
  return {
    id: uuid(random),
    traceId,
    traceparent: `00-${traceId}-${identifier(random, 8)}-01`,
  };
}

/** All zeros is no valid identifier (section 3.2.2.3), so the lowest bit is set then. */
function identifier(random: RandomBytes, size: number): string {
  const octets = Uint8Array.from(random(size));
  if (octets.every((octet) => octet === 0)) octets[size - 1] = 1;
  return Buffer.from(octets).toString('hex');
}

function uuid(random: RandomBytes): string {
  const octets = Uint8Array.from(random(16));
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(octets).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
