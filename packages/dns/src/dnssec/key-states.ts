// The life of a trust anchor's keys (RFC 5011 section 4): a new key is trusted only when it was seen, signed by a
// trusted one, for thirty days without a break; a revoked key never again. Pure: states, keys and the time go in.

const keyStates = ['addPend', 'valid', 'missing', 'revoked', 'removed'] as const;

/** `addPend` waits out the hold-down; `missing` is trusted though the zone does not show it at the moment. */
export type KeyState = (typeof keyStates)[number];

export function isKeyState(value: unknown): value is KeyState {
  return keyStates.some((state) => state === value);
}

/** A key of a managed zone and where it stands. */
export interface ManagedKey {
  /** RDATA of the DNSKEY without its revoke bit, as base64: what stays the same over the key's life. */
  readonly key: string;
  readonly state: KeyState;
  /** Seconds since the epoch at which it came into this state. */
  readonly since: number;
}

/** One key that the zone shows in an authentic DNSKEY RRset. */
export interface SeenKey {
  readonly key: string;
  /** The revoke bit is set, and the key itself signed the RRset (RFC 5011 section 2.1). */
  readonly revoked: boolean;
}

/** Seconds that a new key waits before it is trusted, and a revoked one before it is forgotten. */
export const holdDownSeconds = 30 * 24 * 3600;

function advance(known: ManagedKey, seen: SeenKey | undefined, now: number): ManagedKey | undefined {
  const become = (state: KeyState): ManagedKey => ({ ...known, state, since: now });
  const waited = now - known.since >= holdDownSeconds;
  switch (known.state) {
    case 'addPend':
      // Not seen once is back to the start; a pending key that is revoked was never trusted.
      if (seen === undefined || seen.revoked) return undefined;
      return waited ? become('valid') : known;
    case 'valid':
      if (seen === undefined) return become('missing');
      return seen.revoked ? become('revoked') : known;
    case 'missing':
      if (seen === undefined) return known;
      return become(seen.revoked ? 'revoked' : 'valid');
    case 'revoked':
      return waited && seen === undefined ? become('removed') : known;
    case 'removed':
      return known;
  }
}

/**
 * Moves every key on after the zone's DNSKEY RRset was seen, authentic by a trusted key.
 *
 * @param seen the secure-entry-point keys of the RRset
 * @param now seconds since the epoch
 */
export function advanceKeys(
  known: readonly ManagedKey[],
  seen: readonly SeenKey[],
  now: number,
): readonly ManagedKey[] {
  const shown = new Map(seen.map((one) => [one.key, one]));
  const kept = known.flatMap((key) => advance(key, shown.get(key.key), now) ?? []);
  const names = new Set(known.map(({ key }) => key));
  const fresh = seen
    .filter(({ key, revoked }) => !revoked && !names.has(key))
    .map(({ key }): ManagedKey => ({ key, state: 'addPend', since: now }));
  return [...kept, ...fresh];
}

/** True when signatures of the key count as those of a trust anchor. */
export function isTrusted({ state }: ManagedKey): boolean {
  return state === 'valid' || state === 'missing';
}

const hour = 3600;
const day = 24 * hour;

/**
 * Seconds until the zone's keys are to be looked at again (RFC 5011 section 2.3).
 *
 * @param originalTtl of the DNSKEY RRset, seconds
 * @param signatureLife what is left of its signature, seconds
 * @param failed the last look failed
 */
export function refreshSeconds(originalTtl: number, signatureLife: number, failed: boolean): number {
  const [most, share] = failed ? [day, 0.1] : [15 * day, 0.5];
  return Math.max(hour, Math.min(most, share * originalTtl, share * signatureLife));
}
