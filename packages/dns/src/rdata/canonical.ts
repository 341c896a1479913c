// The canonical form of RDATA, which signatures are made over (RFC 4034 section 6.2, RFC 6840 section 5.1).

import { DnsError } from '../error.js';
import { WireReader } from '../wire.js';
import { rdataLayout } from './layout.js';

/**
 * The RDATA with the names of the types of RFC 4034 section 6.2 lower-cased, everything else as it is. RDATA that does
 * not follow its type's layout has no names to lower-case, so it comes back unchanged, as does that of other types.
 */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  const layout = rdataLayout(type);
  if (layout === undefined) return rdata;
  const canonical = new Uint8Array(rdata);
  const reader = new WireReader(rdata);
  try {
    reader.bytes(layout.prefix);
    for (let left = layout.strings; left > 0; left--) reader.bytes(reader.u8());
    for (let left = layout.names; left > 0; left--) {
      const at = reader.offset;
      canonical.set(reader.name().canonicalWire(), at);
    }
  } catch (error) {
    if (error instanceof DnsError) return rdata;
    throw error;
  }
  return canonical;
}
