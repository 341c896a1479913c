// One resource record (RFC 1035 section 3.2.1), its RDATA still as octets: `rdata/` gives them their meaning.

import type { DnsName } from './name.js';

/** A resource record. */
export interface ResourceRecord {
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
  /** Seconds, 0 to 2^31 - 1. */
  readonly ttl: number;
  /**
   * The RDATA without compression: names that were compressed (which RFC 3597 section 4 allows for the types of
   * RFC 1035 and a few old ones) are expanded, case kept. Possibly a view of the message: not to be modified.
   */
  readonly rdata: Uint8Array;
}
