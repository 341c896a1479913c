// The public interface of @countersign/dns.

export { parseAnchors, rootAnchors, type TrustAnchor } from './dnssec/anchors.js';
export type { ChainLink, SecurityStatus } from './dnssec/chain-cache.js';
export { Ede } from './dnssec/ede.js';
export type { KeyState, ManagedKey } from './dnssec/key-states.js';
export { type DnssecLimits, defaultLimits } from './dnssec/limits.js';
export type { Edns } from './edns.js';
export { DnsError, type DnsErrorCode } from './error.js';
export { isUnproven, type Lookup } from './lookup.js';
export { type ManagedAnchors, type ManagedAnchorsOptions, openManagedAnchors } from './managed-anchors.js';
export {
  decodeMessage,
  type EncodeOptions,
  encodeMessage,
  type Flags,
  type Message,
  type Question,
} from './message.js';
export { compareCanonical, DnsName, type NameSource } from './name.js';
export { encodeA, encodeAaaa, parseA, parseAaaa } from './rdata/address.js';
export { type Caa, encodeCaa, parseCaa } from './rdata/caa.js';
export { canonicalRdata } from './rdata/canonical.js';
export { type Dnskey, encodeDnskey, keyTag, parseDnskey } from './rdata/dnskey.js';
export { type Ds, encodeDs, parseDs } from './rdata/ds.js';
export { fromBase32Hex, toBase32Hex } from './rdata/encoding.js';
export { encodeMx, type Mx, parseMx } from './rdata/mx.js';
export { encodeNaptr, type Naptr, parseNaptr } from './rdata/naptr.js';
export { encodeNsec, type Nsec, parseNsec } from './rdata/nsec.js';
export {
  encodeNsec3,
  encodeNsec3Param,
  type Nsec3,
  type Nsec3Param,
  parseNsec3,
  parseNsec3Param,
} from './rdata/nsec3.js';
export { type EdnsOption, encodeOpt, parseOpt } from './rdata/opt.js';
export { type FormatOptions, formatRdata, parseRdata } from './rdata/presentation.js';
export { encodeRrsig, parseRrsig, type Rrsig } from './rdata/rrsig.js';
export { encodeSoa, parseSoa, type Soa } from './rdata/soa.js';
export { encodeSrv, parseSrv, type Srv } from './rdata/srv.js';
export { encodeSvcb, parseSvcb, type Svcb } from './rdata/svcb.js';
export { parseSvcParamKey, SvcParamKey, svcParamKeyName } from './rdata/svcparamkey.js';
export { decodeSvcParams, type SvcParams } from './rdata/svcparams.js';
export { encodeTarget, parseTarget } from './rdata/target.js';
export { encodeTlsa, parseTlsa, type Tlsa } from './rdata/tlsa.js';
export { encodeTxt, parseTxt, type Txt } from './rdata/txt.js';
export { encodeTypeBitmap, parseTypeBitmap } from './rdata/typebitmap.js';
export type { ResourceRecord } from './record.js';
export {
  type ClosableResolver,
  createResolver,
  type ResolveOptions,
  type Resolver,
  type ResolverOptions,
  systemServers,
} from './resolver.js';
export { parseRrType, Rcode, RrClass, RrType, rcodeName, rrTypeName } from './rrtype.js';
export {
  type ClosableExchange,
  createExchange,
  type Exchange,
  type ExchangeConfig,
  type ExchangeOptions,
} from './transport/exchange.js';
export {
  type ClearServer,
  type DnsServer,
  formatServer,
  type HttpsServer,
  isProtectedServer,
  parseServer,
  type ServerAddress,
  type ServerIdentity,
  type TlsServer,
} from './transport/server.js';
