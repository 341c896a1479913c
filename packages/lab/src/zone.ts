// A DNS zone that can be edited while it is served, and is signed anew whenever it has changed or its
// signatures grow old (RFC 4034, RFC 4035 section 2).

import type { Clock } from '@countersign/core';
import { DnsName, encodeSoa, RrType } from '@countersign/dns';
import { LabError } from './error.js';
import type { Rrset, Validity } from './rrset.js';
import { createZoneKey, dsOf } from './zone-key.js';
import { signedVersion, unsignedVersion, type ZoneKeys } from './zone-signing.js';
import type { ZoneVersion } from './zone-version.js';

const inceptionSkewSeconds = 3600;

/** What a zone is made with. */
export interface ZoneOptions {
  /** The name that the zone's NS and SOA records give. Default: `ns` under the zone. */
  readonly nameserver?: DnsName | string;
  /** False makes a zone without keys, signatures and proofs, to which the parent delegates insecurely. Default true. */
  readonly signed?: boolean;
  /** TTL of records that are set without one, seconds; also the negative TTL. Default 60. */
  readonly ttl?: number;
  /** How long signatures hold, seconds. They start an hour in the past. Default 7 days. */
  readonly validitySeconds?: number;
  /** Default `Date.now`. */
  readonly clock?: Clock;
}

interface EditableNode {
  readonly name: DnsName;
  readonly rrsets: Map<number, Rrset>;
}

/** A zone with its keys: a KSK and a ZSK, both ECDSA P-256. SOA, NS, DNSKEY, RRSIG and NSEC are its own work. */
export class Zone {
  readonly origin: DnsName;
  readonly #contents = new Map<string, EditableNode>();
  readonly #nameserver: DnsName;
  readonly #keys: ZoneKeys | undefined;
  readonly #ttl: number;
  readonly #validitySeconds: number;
  readonly #clock: Clock;
  #serial = 0;
  #current: { readonly version: ZoneVersion; readonly validity: Validity } | undefined;

  constructor(origin: DnsName | string, options: ZoneOptions = {}) {
    this.origin = toName(origin);
    this.#nameserver = toName(options.nameserver ?? this.origin.prepend('ns'));
    this.#keys =
      (options.signed ?? true) ? { ksk: createZoneKey('ksk'), zsk: createZoneKey('zsk') } : undefined;
    this.#ttl = options.ttl ?? 60;
    this.#validitySeconds = options.validitySeconds ?? 7 * 24 * 3600;
    this.#clock = options.clock ?? Date.now;
    this.set(this.origin, RrType.NS, [this.#nameserver.wire]);
    if (this.#keys !== undefined)
      this.set(this.origin, RrType.DNSKEY, [this.#keys.ksk.dnskey, this.#keys.zsk.dnskey]);
  }

  /** RDATA of the DS records that the parent should hold; empty for an unsigned zone. */
  get ds(): readonly Uint8Array[] {
    return this.#keys === undefined ? [] : [dsOf(this.origin, this.#keys.ksk)];
  }

  /**
   * Sets all records of one name and type, in place of those that were there.
   *
   * @param ttl seconds; default: the zone's
   * @throws LabError ERR_LAB_NAME_OUTSIDE_ZONE
   */
  set(name: DnsName | string, type: number, rdata: readonly Uint8Array[], ttl = this.#ttl): void {
    const owner = this.#own(name);
    const node = this.#contents.get(owner.key) ?? { name: owner, rrsets: new Map<number, Rrset>() };
    node.rrsets.set(type, { name: owner, type, ttl, rdata: [...rdata] });
    this.#contents.set(owner.key, node);
    this.#current = undefined;
  }

  /** Removes all records of one name and type. */
  remove(name: DnsName | string, type: number): void {
    const owner = this.#own(name);
    const node = this.#contents.get(owner.key);
    node?.rrsets.delete(type);
    if (node?.rrsets.size === 0) this.#contents.delete(owner.key);
    this.#current = undefined;
  }

  /** Delegates to a child zone: its NS records, and its DS records when it is signed. */
  delegate(child: Zone): void {
    this.set(child.origin, RrType.NS, [child.#nameserver.wire]);
    if (child.ds.length > 0) this.set(child.origin, RrType.DS, child.ds);
  }

  /** The zone as it is served now; signed anew after an edit, and in the second half of the signatures' life. */
  current(): ZoneVersion {
    const now = Math.floor(this.#clock() / 1000);
    const state = this.#current;
    if (state !== undefined) {
      const { inception, expiration } = state.validity;
      if (now >= inception && now <= expiration - this.#validitySeconds / 2) return state.version;
    }
    const validity = { inception: now - inceptionSkewSeconds, expiration: now + this.#validitySeconds };
    this.#serial += 1;
    const version = this.#build(validity);
    this.#current = { version, validity };
    return version;
  }

  #own(name: DnsName | string): DnsName {
    const owner = toName(name);
    if (owner.isAtOrBelow(this.origin)) return owner;
    throw new LabError(
      'ERR_LAB_NAME_OUTSIDE_ZONE',
      `${owner} is not in the zone ${this.origin}: give a name at or below it`,
    );
  }

  #build(validity: Validity): ZoneVersion {
    const soa = this.#soa();
    const contents = [...this.#contents.values()].map(({ name, rrsets }) => ({
      name,
      rrsets: name.equals(this.origin) ? [soa, ...rrsets.values()] : [...rrsets.values()],
    }));
    return this.#keys === undefined
      ? unsignedVersion(this.origin, contents)
      : signedVersion(this.origin, contents, this.#keys, validity, this.#ttl);
  }

  #soa(): Rrset {
    const rdata = encodeSoa({
      mname: this.#nameserver,
      rname: this.origin.prepend('hostmaster'),
      serial: this.#serial,
      refresh: 3600,
      retry: 600,
      expire: 86_400,
      minimum: this.#ttl,
    });
    return { name: this.origin, type: RrType.SOA, ttl: this.#ttl, rdata: [rdata] };
  }
}

function toName(name: DnsName | string): DnsName {
  return typeof name === 'string' ? DnsName.parse(name) : name;
}
