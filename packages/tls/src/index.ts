// Is this the right peer? TLS and DANE decided on the live connection.

export { type AddressGuard, type AddressRuling, createAddressGuard, type VettedAddress } from './address.js';
export { type AddressLookup, lookupAddresses } from './address-lookup.js';
export { spkiOf } from './certificate.js';
export { type DaneFinding, type DaneInput, type DaneMode, decideDane } from './dane.js';
export type { Dial } from './dial.js';
export { createDispatcher, type DispatcherOptions } from './dispatcher.js';
export { PeerRefusedError, TlsError } from './error.js';
export { describeFailure } from './failure-text.js';
export { createSecureFetch, type SecureFetch } from './fetch.js';
export type { TlsVersion } from './handshake.js';
export { checkHostname, namesHost } from './hostname.js';
export {
  connectPeer,
  createPeerConnector,
  type PeerConnector,
  type VerifiedPeer,
} from './peer.js';
export { quotePeer } from './peer-text.js';
export type { PeerOptions } from './policy.js';
export type { PeerTarget } from './target.js';
export { lookupTlsa, type TlsaLookup } from './tlsa-lookup.js';
export {
  checkDaneOffline,
  type DaneMatch,
  type DaneVerdict,
  matchTlsa,
  type OfflineDane,
} from './tlsa-match.js';
