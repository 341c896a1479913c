// What a peer must prove, as one writes it and as it is used: read once, refused at once when it cannot be used.

import type { SecureContext } from 'node:tls';
import type { Clock } from '@countersign/core';
import type { Resolver } from '@countersign/dns';
import { type AddressGuard, createAddressGuard } from './address.js';
import type { DaneMode } from './dane.js';
import { type Dial, dialTcp } from './dial.js';
import { TlsError } from './error.js';
import { createClientContext, type TlsVersion } from './handshake.js';

/** What a peer must prove. */
export interface PeerOptions {
  /** Answers for addresses and TLSA records, with their DNSSEC status. */
  readonly resolver: Resolver;
  /** Default `off`: WebPKI alone decides. */
  readonly dane?: DaneMode;
  /** Address and TLSA answers must be DNSSEC-secure; an IP address as host is refused. Default false. */
  readonly requireDnssec?: boolean;
  /** PEM certificates that are trusted beside the bundled roots. Default none. */
  readonly ca?: readonly string[];
  /** Accepts a certificate that matches TLSA whatever name it carries. Default false. */
  readonly dangerouslySkipDaneNameCheck?: boolean;
  /** Default `TLSv1.2`. */
  readonly minVersion?: TlsVersion;
  /** CIDRs that may be dialled although they are not global unicast. Default none. */
  readonly allowAddresses?: readonly string[];
  /** Milliseconds for address, dial, handshake and checks together. Default 10000. */
  readonly timeoutMs?: number;
  /** By which certificate dates are judged. Default `Date.now`. */
  readonly clock?: Clock;
  /** Opens the TCP connection. Default: node:net. */
  readonly dial?: Dial;
}

/** The options with their defaults in place and everything built that connections share. */
export interface Policy {
  readonly options: PeerOptions;
  readonly dane: DaneMode;
  readonly requireDnssec: boolean;
  readonly context: SecureContext;
  readonly guard: AddressGuard;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly dial: Dial;
}

/** @throws TlsError `ERR_TLS_CONFIG` for an option that cannot be used */
export function readPolicy(options: PeerOptions): Policy {
  const {
    dane = 'off',
    requireDnssec = false,
    timeoutMs = 10_000,
    clock = Date.now,
    dial = dialTcp,
  } = options;
  if (!(timeoutMs > 0 && timeoutMs <= 0x7fffffff)) {
    throw new TlsError('ERR_TLS_CONFIG', `timeoutMs: ${timeoutMs} is no positive number of milliseconds`);
  }
  const context = createClientContext(options.ca ?? [], options.minVersion ?? 'TLSv1.2');
  const guard = createAddressGuard(options.allowAddresses);
  return { options, dane, requireDnssec, context, guard, timeoutMs, clock, dial };
}
