// What a lookup found: the outcome of its steps put together, the weakest of them deciding (RFC 4035 section 4.3).

import type { AnswerStep, Finding } from './dnssec/answer.js';
import type { ChainLink, SecurityStatus } from './dnssec/chain-cache.js';
import { Ede } from './dnssec/ede.js';
import { DnsError } from './error.js';
import type { DnsName } from './name.js';
import type { ResourceRecord } from './record.js';
import { Rcode } from './rrtype.js';

/** What a lookup found and how far it can be trusted. */
export interface Lookup {
  readonly name: DnsName;
  readonly type: number;
  readonly status: SecurityStatus;
  /** The response code, as far as it was proven: a proven NODATA under a wrong NXDOMAIN is NOERROR. */
  readonly rcode: number;
  /**
   * Aliases in order, then the records of the type; no RRSIGs. Empty when the answer is bogus, or when the chain that
   * would tell could not be fetched.
   */
  readonly answers: readonly ResourceRecord[];
  /** The Extended DNS Error code (RFC 8914), where there is something to say. */
  readonly ede?: number;
  /** Why the status is what it is, in one sentence. */
  readonly why: string;
  /** The zones walked, from the trust anchor downwards. */
  readonly chain: readonly ChainLink[];
  /** Seconds for which the outcome may be relied on; 0 when it must not be kept. */
  readonly ttl: number;
}

// The weakest link of an alias chain is what the whole is worth.
const weakness: Readonly<Record<SecurityStatus, number>> = {
  secure: 0,
  insecure: 1,
  indeterminate: 2,
  bogus: 3,
};

/**
 * True when the chain that would tell could not be fetched: somebody may have seen to it, so nothing of the answer may
 * be used. Where merely no trust anchor reaches (Extended DNS Error 5), records may be used as insecure ones are.
 */
export function isUnproven({
  status,
  ede,
}: {
  readonly status: SecurityStatus;
  readonly ede?: number | undefined;
}): boolean {
  return status === 'indeterminate' && ede !== Ede.indeterminate;
}

function weakest(findings: readonly Finding[]): Finding | undefined {
  const rank = (finding: Finding): number => weakness[finding.status] + (isUnproven(finding) ? 0.5 : 0);
  return findings.reduce<Finding | undefined>(
    (worst, finding) => (worst === undefined || rank(finding) >= rank(worst) ? finding : worst),
    undefined,
  );
}

function joinChains(findings: readonly Finding[]): readonly ChainLink[] {
  const [only, second] = findings;
  if (only !== undefined && second === undefined) return only.links;
  const links = new Map<string, ChainLink>();
  for (const finding of findings) for (const link of finding.links) links.set(link.zone, link);
  return [...links.values()];
}

// A record holds no longer than its signature and its chain do (RFC 4035 section 5.3.3).
function limitTtls({ records, finding: { ttl } }: AnswerStep): readonly ResourceRecord[] {
  return records.map((record) => (record.ttl > ttl ? { ...record, ttl } : record));
}

// What nearly every lookup is: no alias, nothing to weigh up.
function ofOneStep(name: DnsName, type: number, step: AnswerStep): Lookup {
  const { status, ede, why, links: chain, ttl } = step.finding;
  const { rcode } = step;
  const answers = status === 'bogus' || isUnproven(step.finding) ? [] : limitTtls(step);
  return ede === undefined
    ? { name, type, status, rcode, answers, why, chain, ttl }
    : { name, type, status, rcode, answers, ede, why, chain, ttl };
}

/**
 * Puts the steps of a lookup together.
 *
 * @param problem why it was given up, where it was
 */
export function toLookup(
  name: DnsName,
  type: number,
  steps: readonly AnswerStep[],
  problem?: Finding,
): Lookup {
  const [step, second] = steps;
  if (step !== undefined && second === undefined && problem === undefined) return ofOneStep(name, type, step);
  const findings = steps.map(({ finding }) => finding);
  if (problem !== undefined) findings.push(problem);
  const worst = weakest(findings);
  if (worst === undefined) throw new DnsError('ERR_DNS_MALFORMED', `Nothing was found out about ${name}.`);
  const { status, ede, why } = worst;
  return {
    name,
    type,
    status,
    rcode: steps.at(-1)?.rcode ?? Rcode.SERVFAIL,
    answers: status === 'bogus' || isUnproven(worst) ? [] : steps.flatMap(limitTtls),
    ...(ede === undefined ? {} : { ede }),
    why,
    chain: joinChains(findings),
    ttl: status === 'bogus' ? 0 : Math.min(...findings.map(({ ttl }) => ttl)),
  };
}
