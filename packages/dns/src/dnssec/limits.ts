// What bounds the work that a hostile zone can cause: the KeyTrap attacks on signatures and keys
// (CVE-2023-50387), the NSEC3 attacks on hashing (CVE-2023-50868), and endless chains. Over a cap the answer
// is bogus at once.

import { DnsError } from '../error.js';

/** The caps of one lookup. Each is reached by a test. */
export interface DnssecLimits {
  /** Signature verifications in one lookup, the chain's included. Default 64. */
  readonly maxSignatureChecks: number;
  /** Verifications spent on one RRset: signatures times keys that carry the same tag. Default 8. */
  readonly maxSignatureChecksPerRrset: number;
  /** DNSKEY records of one zone, and DS records for it: each key may be tried with each digest. Default 32. */
  readonly maxKeysPerZone: number;
  /** NSEC3 hashes computed in one lookup. Default 256. */
  readonly maxNsec3Hashes: number;
  /** NSEC3 iterations above which a zone counts as insecure (RFC 9276 section 3.2). Default 150. */
  readonly maxNsec3Iterations: number;
  /** Queries sent for one lookup. Default 96. */
  readonly maxQueries: number;
  /** CNAME and DNAME steps followed in one lookup. Default 11. */
  readonly maxAliases: number;
  /** Zones between the trust anchor and the answer. Default 24. */
  readonly maxZones: number;
}

export const defaultLimits: DnssecLimits = {
  maxSignatureChecks: 64,
  maxSignatureChecksPerRrset: 8,
  maxKeysPerZone: 32,
  maxNsec3Hashes: 256,
  maxNsec3Iterations: 150,
  maxQueries: 96,
  maxAliases: 11,
  maxZones: 24,
};

/** What one lookup may still spend. Each method throws `ERR_DNSSEC_LIMIT` when its cap is passed. */
export interface Budget {
  readonly limits: DnssecLimits;
  spendSignatureCheck(): void;
  spendNsec3Hash(): void;
  spendQuery(): void;
}

function exhausted(cap: number, what: string): DnsError {
  return new DnsError('ERR_DNSSEC_LIMIT', `The lookup needs more than ${cap} ${what}.`);
}

export function createBudget(limits: DnssecLimits): Budget {
  const { maxSignatureChecks, maxNsec3Hashes, maxQueries } = limits;
  let signatureChecks = 0;
  let nsec3Hashes = 0;
  let queries = 0;
  return {
    limits,
    spendSignatureCheck() {
      signatureChecks += 1;
      if (signatureChecks > maxSignatureChecks) throw exhausted(maxSignatureChecks, 'signature checks');
    },
    spendNsec3Hash() {
      nsec3Hashes += 1;
      if (nsec3Hashes > maxNsec3Hashes) throw exhausted(maxNsec3Hashes, 'NSEC3 hashes');
    },
    spendQuery() {
      queries += 1;
      if (queries > maxQueries) throw exhausted(maxQueries, 'queries');
    },
  };
}
