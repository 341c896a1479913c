import { describe, expect, it } from 'vitest';
import { discoveryEnvironment, discoveryFlags, discoverySchema } from '../src/config.js';
import { daneMode, profiles, resolveFlags } from '../src/flags.js';

const read = (section: unknown) => discoveryFlags(discoverySchema.parse(section));

describe('flags', () => {
  it('are off where nothing is said', () => {
    expect(resolveFlags({})).toEqual(profiles.permissive);
    expect(daneMode(resolveFlags({}))).toBe('off');
  });

  it('let require win over prefer, and prefer over off', () => {
    expect(daneMode(resolveFlags({ preferDane: true }))).toBe('prefer');
    expect(daneMode(resolveFlags({ preferDane: true, requireDane: true }))).toBe('require');
    expect(resolveFlags({ requireDane: true }).preferDane).toBe(true);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuse a freshness of %d seconds', (seconds) => {
    expect(() => resolveFlags({ verifyFreshnessSeconds: seconds })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTIONS' }),
    );
  });
});

describe('the discovery section', () => {
  it('is the permissive profile when it is empty', () => {
    expect(read({})).toEqual(profiles.permissive);
  });

  it.each(['permissive', 'standard', 'strict'] as const)('takes the flags of the profile %s', (profile) => {
    expect(read({ profile })).toEqual(profiles[profile]);
  });

  it('lets a single key override its profile', () => {
    expect(read({ profile: 'strict', require_dnssec: false })).toEqual({
      ...profiles.strict,
      requireDnssec: false,
    });
    expect(read({ profile: 'standard', verify_freshness_seconds: 0 }).verifyFreshnessSeconds).toBe(0);
  });

  it('refuses prefer_dane: false where DANE is required', () => {
    for (const section of [
      { require_dane: true, prefer_dane: false },
      { profile: 'strict', prefer_dane: false },
    ]) {
      expect(discoverySchema.safeParse(section).error?.issues[0]?.path).toEqual(['prefer_dane']);
    }
    expect(read({ profile: 'strict', prefer_dane: false, require_dane: false }).preferDane).toBe(false);
  });

  it.each([
    ['', { prefer_dan: true }, { prefer_dane: true }],
    ['profile', { profile: 'paranoid' }, { profile: 'strict' }],
    ['verify_freshness_seconds', { verify_freshness_seconds: -1 }, { verify_freshness_seconds: 0 }],
    ['allow_addresses.0', { allow_addresses: ['localhost'] }, { allow_addresses: ['127.0.0.0/8'] }],
    ['timeout_ms', { timeout_ms: 0 }, { timeout_ms: 1 }],
  ])('refuses at %j: %j, and takes %j', (path, wrong, right) => {
    expect(discoverySchema.safeParse(wrong).error?.issues.map((issue) => issue.path.join('.'))).toEqual([
      path,
    ]);
    expect(discoverySchema.safeParse(right).success).toBe(true);
  });

  it('takes CIDRs of both families', () => {
    const section = discoverySchema.parse({ allow_addresses: ['10.0.0.0/8', '::1/128'] });
    expect(section.allow_addresses).toEqual(['10.0.0.0/8', '::1/128']);
  });

  it('names the variables as the reference implementation does, each for a key that exists', () => {
    expect(Object.keys(discoveryEnvironment)).toEqual([
      'DNS_AID_PREFER_DANE',
      'DNS_AID_REQUIRE_DANE',
      'DNS_AID_REQUIRE_DNSSEC',
      'DNS_AID_VERIFY_FRESHNESS_SECONDS',
    ]);
    for (const path of Object.values(discoveryEnvironment)) {
      expect(discoverySchema.shape).toHaveProperty(path.replace('discovery.', ''));
    }
  });
});
