// Flags over the environment over the file over the defaults.

import { discoveryFlags, discoverySchema } from '@countersign/agent/config';
import { describe, expect, it } from 'vitest';
import type { AgentFlags } from '../src/options.js';
import { flaggedSection } from '../src/settings.js';

const flagsOf = (file: unknown, flags: AgentFlags) =>
  discoveryFlags(flaggedSection(discoverySchema.parse(file), flags));

describe('precedence', () => {
  it('without flags the file decides', () => {
    expect(flagsOf({ require_dane: true }, {})).toMatchObject({ requireDane: true });
  });

  it('a flag overrides the file in both directions', () => {
    expect(flagsOf({ require_dnssec: false }, { requireDnssec: true })).toMatchObject({
      requireDnssec: true,
    });
    expect(flagsOf({ require_dnssec: true }, { requireDnssec: false })).toMatchObject({
      requireDnssec: false,
    });
    expect(flagsOf({ verify_freshness_seconds: 5 }, { verifyFreshnessSeconds: 9 })).toMatchObject({
      verifyFreshnessSeconds: 9,
    });
  });

  it('a profile on the command line stands for all that it sets', () => {
    expect(flagsOf({ profile: 'permissive', require_dnssec: false }, { profile: 'strict' })).toMatchObject({
      requireDane: true,
      requireDnssec: true,
    });
  });

  it('a single flag overrides the profile beside it', () => {
    expect(flagsOf({}, { profile: 'strict', requireDane: false })).toMatchObject({
      requireDane: false,
      requireDnssec: true,
    });
  });

  it('a contradiction on the command line is an error', () => {
    expect(() => flagsOf({}, { requireDane: true, preferDane: false })).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE' }),
    );
  });

  it('what is not even preferred is not required', () => {
    expect(flagsOf({ require_dane: true }, { preferDane: false })).toMatchObject({
      preferDane: false,
      requireDane: false,
    });
  });
});
