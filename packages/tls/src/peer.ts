// Is this the right peer? Address, dial, handshake and every check, on the one connection that the caller then
// uses; a peer that is refused has not been sent one octet of the application.

import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Check, type Clock, toVerdict, type Verdict } from '@countersign/core';
import type { VettedAddress } from './address.js';
import { type AddressLookup, lookupAddresses } from './address-lookup.js';
import { type DaneFinding, decideDane } from './dane.js';
import { type Deadline, startDeadline } from './deadline.js';
import { type Dialled, dialFirst } from './dial.js';
import { PeerRefusedError } from './error.js';
import { describeFailure } from './failure-text.js';
import { type Handshake, makeHandshake } from './handshake.js';
import { checkHostname } from './hostname.js';
import { type PeerOptions, type Policy, readPolicy } from './policy.js';
import { type PeerTarget, readTarget } from './target.js';
import { lookupTlsa, type TlsaLookup, tlsaOwner } from './tlsa-lookup.js';
import { matchTlsa } from './tlsa-match.js';
import { judgeWebPki } from './webpki.js';

const verified = Symbol('countersign.verified-peer');

/** A connection that passed every check. Only `connectPeer` makes one. */
export interface VerifiedPeer {
  readonly [verified]: true;
  /** Connected and not yet written to; the caller closes it. */
  readonly socket: TLSSocket;
  readonly verdict: Verdict;
  /** The address that the socket is connected to. */
  readonly address: VettedAddress;
}

/** Connects to one target after another under the same options. */
export type PeerConnector = (target: PeerTarget, signal?: AbortSignal) => Promise<VerifiedPeer>;

/** One attempt: the checks so far, and how it ends when one of them fails. */
class Attempt {
  readonly #checks: Check[] = [];

  constructor(
    readonly subject: string,
    readonly clock: Clock,
  ) {}

  /** Adds checks in order; the first that fails ends the attempt. */
  add(...checks: readonly Check[]): void {
    this.#checks.push(...checks);
    if (checks.some((check) => check.outcome === 'fail')) throw new PeerRefusedError(this.verdict());
  }

  fail(check: string, reason: string, detail: string, cause?: unknown): never {
    this.#checks.push({ check, outcome: 'fail', reason, detail });
    throw new PeerRefusedError(this.verdict(), cause === undefined ? undefined : { cause });
  }

  verdict(): Verdict {
    return toVerdict(this.subject, this.#checks, this.clock());
  }
}

/**
 * Prepares a connector: options are read and the trust store is built once, for many connections.
 *
 * @throws TlsError `ERR_TLS_CONFIG` for an option that cannot be used
 */
export function createPeerConnector(options: PeerOptions): PeerConnector {
  const policy = readPolicy(options);
  return async (target, signal) => {
    signal?.throwIfAborted();
    const read = readTarget(target);
    const attempt: Attempt = new Attempt(`${target.host}:${target.port}`, policy.clock);
    if ('why' in read) attempt.fail('address', 'address_forbidden', read.why);
    const deadline = startDeadline(policy.timeoutMs, signal);
    try {
      return await connectOnce(read, policy, attempt, deadline);
    } catch (error) {
      // The caller's own abort is his to recognise; everything else is a refusal with its Verdict.
      if (signal?.aborted && !deadline.expired) throw signal.reason;
      throw error;
    } finally {
      deadline.end();
    }
  };
}

/**
 * Connects to a peer and lets only the right one through. Nothing is asked twice: the addresses that were looked
 * up are the ones that are dialled, the certificate that is judged is the connection's own, and no TLS session is
 * resumed.
 *
 * The Verdict holds, in order, the checks `address`, `tls`, `path`, `expiry`, `hostname`, `dane`; a connection that
 * does not open ends with `connect`.
 *
 * @param signal ends the attempt; the promise then rejects with its reason
 * @throws PeerRefusedError with the Verdict
 * @throws TlsError `ERR_TLS_CONFIG` for an option that cannot be used
 */
export async function connectPeer(
  target: PeerTarget,
  options: PeerOptions,
  signal?: AbortSignal,
): Promise<VerifiedPeer> {
  return createPeerConnector(options)(target, signal);
}

async function connectOnce(
  { host, port }: PeerTarget,
  policy: Policy,
  attempt: Attempt,
  deadline: Deadline,
): Promise<VerifiedPeer> {
  const addresses = await findAddresses(host, policy, attempt, deadline);
  // Starts now so that it costs no time of its own; it never rejects, and `deadline.end` stops it.
  const tlsa = findTlsa(host, port, policy, deadline);
  const { socket: tcp, address } = await openConnection(addresses, port, policy, attempt, deadline);
  const handshake = await secure(tcp, host, policy, attempt, deadline);
  const { socket } = handshake;
  try {
    attempt.add({
      check: 'tls',
      outcome: 'pass',
      detail: `${handshake.protocol} with ${handshake.cipher}, at ${address.address}`,
      evidence: { protocol: handshake.protocol, cipher: handshake.cipher },
    });
    const found = await tlsa;
    // A lookup that the caller's abort ended is no finding; one that ran out of time is, and the mode rules on it.
    if (!deadline.expired) deadline.signal.throwIfAborted();
    attempt.add(...judge(handshake, found, host, policy));
    if (socket.destroyed) attempt.fail('tls', 'tls_handshake_failed', 'the peer closed the connection');
    return { [verified]: true, socket, verdict: attempt.verdict(), address };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function findAddresses(
  host: string,
  policy: Policy,
  attempt: Attempt,
  deadline: Deadline,
): Promise<readonly VettedAddress[]> {
  const literal = isIP(host) !== 0;
  let found: AddressLookup;
  if (literal) {
    found = { status: 'found', secure: false, addresses: [host] };
  } else {
    const options = { signal: deadline.signal };
    const asked = lookupAddresses(policy.options.resolver, host, options);
    found = await deadline
      .race(asked)
      .catch((cause: unknown) => ({ status: 'none', why: describeFailure(cause), cause }));
  }
  if (found.status === 'bogus') {
    attempt.fail('address', 'dnssec_bogus', `the addresses of ${host} are bogus: ${found.why}`);
  }
  if (found.status === 'none') {
    attempt.fail('address', 'address_not_found', `no address for ${host}: ${found.why}`, found.cause);
  }
  if (policy.requireDnssec && !found.secure) {
    const what = literal
      ? 'is an address, which DNSSEC cannot vouch for'
      : 'has addresses from an insecure zone';
    attempt.fail('address', 'dnssec_required', `${host} ${what}, and DNSSEC is required`);
  }
  const rulings = found.addresses.map(policy.guard);
  const vetted = rulings.flatMap((ruling) => (ruling.allowed ? [ruling.address] : []));
  if (vetted.length === 0) {
    const whys = rulings.flatMap((ruling) => (ruling.allowed ? [] : [ruling.why]));
    attempt.fail('address', 'address_forbidden', whys.join('; '));
  }
  const addresses = vetted.map(({ address }) => address);
  const standing = literal ? 'given by the caller' : found.secure ? 'secure' : 'insecure';
  attempt.add({
    check: 'address',
    outcome: 'pass',
    detail: `${host} is ${addresses.join(', ')} (${standing})`,
    evidence: { addresses, dnssec: standing },
  });
  return vetted;
}

async function findTlsa(
  host: string,
  port: number,
  policy: Policy,
  deadline: Deadline,
): Promise<TlsaLookup | undefined> {
  if (policy.dane === 'off') return undefined;
  const owner = tlsaOwner(host, port);
  if (isIP(host) !== 0) return { status: 'insecure', owner, why: 'an IP address has no TLSA records' };
  try {
    return await deadline.race(lookupTlsa(policy.options.resolver, host, port, { signal: deadline.signal }));
  } catch (cause) {
    return { status: 'failed', owner, why: `no TLSA answer: ${describeFailure(cause)}`, cause };
  }
}

async function openConnection(
  addresses: readonly VettedAddress[],
  port: number,
  policy: Policy,
  attempt: Attempt,
  deadline: Deadline,
): Promise<Dialled> {
  try {
    return await dialFirst(addresses, port, policy.dial, deadline.signal);
  } catch (cause) {
    if (deadline.expired) {
      const detail = `no connection to port ${port} within ${policy.timeoutMs} ms`;
      return attempt.fail('connect', 'connect_timeout', detail, cause);
    }
    return attempt.fail(
      'connect',
      'connect_failed',
      `no connection to port ${port}: ${describeFailure(cause)}`,
      cause,
    );
  }
}

async function secure(
  tcp: Dialled['socket'],
  host: string,
  policy: Policy,
  attempt: Attempt,
  deadline: Deadline,
): Promise<Handshake> {
  try {
    return await makeHandshake(tcp, host, policy.context, deadline.signal);
  } catch (cause) {
    const what = deadline.expired ? `not finished within ${policy.timeoutMs} ms` : describeFailure(cause);
    return attempt.fail('tls', 'tls_handshake_failed', `the TLS handshake failed: ${what}`, cause);
  }
}

/** All that is decided about the certificate: the checks `path`, `expiry`, `hostname` and `dane`. */
function judge(
  handshake: Handshake,
  tlsa: TlsaLookup | undefined,
  host: string,
  policy: Policy,
): readonly Check[] {
  const { leaf, chain, webpkiError } = handshake;
  const webpki = { ...judgeWebPki(leaf, webpkiError, policy.clock()), hostname: checkHostname(leaf, host) };
  return decideDane({
    mode: policy.dane,
    requireDnssec: policy.requireDnssec,
    skipNameCheck: policy.options.dangerouslySkipDaneNameCheck ?? false,
    webpki,
    ...(tlsa === undefined ? {} : { finding: findingOf(tlsa, chain) }),
  });
}

function findingOf(tlsa: TlsaLookup, chain: readonly Uint8Array[]): DaneFinding {
  if (tlsa.status !== 'secure') return tlsa;
  return { status: 'secure', owner: tlsa.owner, match: matchTlsa(tlsa.records, chain) };
}
