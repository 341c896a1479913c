// What an SVCB record set says as a whole: one alias, or services (RFC 9460 sections 2.2, 2.4 and 8).
// A malformed record rejects its whole set; one that only contradicts itself is rejected alone.

import {
  DnsError,
  type DnsName,
  decodeSvcParams,
  parseSvcb,
  type ResourceRecord,
  RrType,
  type Svcb,
  SvcParamKey,
  type SvcParams,
} from '@countersign/dns';
import { missingMandatoryKeys } from './mandatory.js';

/** One ServiceMode record whose parameters are well-formed and consistent. */
export interface ServiceRecord {
  /** The name at which the record stands: what the TargetName "." means. */
  readonly owner: DnsName;
  readonly priority: number;
  readonly target: DnsName;
  readonly params: SvcParams;
  /** The parameters' octets by key. */
  readonly values: ReadonlyMap<number, Uint8Array>;
}

export type ServiceSet =
  | { readonly kind: 'absent' }
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'alias'; readonly owner: DnsName; readonly target: DnsName }
  | {
      readonly kind: 'services';
      readonly services: readonly ServiceRecord[];
      /** Why single records of the set were rejected. */
      readonly rejected: readonly string[];
    };

/** More records than this at one name are no agent. */
const maxRecords = 64;

/** Reads the SVCB records among the answers; CNAMEs before them are skipped. */
export function readServiceSet(answers: readonly ResourceRecord[]): ServiceSet {
  const records = answers.filter((record) => record.type === RrType.SVCB);
  if (records.length === 0) return { kind: 'absent' };
  if (records.length > maxRecords) {
    return { kind: 'malformed', why: `${records.length} SVCB records, at most ${maxRecords} are read` };
  }
  try {
    return readParsed(records.map((record) => ({ owner: record.name, svcb: parseSvcb(record.rdata) })));
  } catch (error) {
    if (error instanceof DnsError) return { kind: 'malformed', why: error.message };
    throw error;
  }
}

function readParsed(records: readonly { owner: DnsName; svcb: Svcb }[]): ServiceSet {
  // Where an alias stands, services of the set are ignored. One alias is taken by order and not by chance,
  // so that two look-ups of the same set agree.
  const alias = records
    .filter(({ svcb }) => svcb.priority === 0)
    .sort((a, b) => compareText(a.svcb.target.key, b.svcb.target.key))[0];
  if (alias !== undefined) return { kind: 'alias', owner: alias.owner, target: alias.svcb.target };

  const services: ServiceRecord[] = [];
  const rejected: string[] = [];
  for (const { owner, svcb } of records) {
    const read = readParams(svcb.params);
    if (typeof read === 'string') rejected.push(read);
    else
      services.push({
        owner,
        priority: svcb.priority,
        target: svcb.target,
        params: read,
        values: svcb.params,
      });
  }
  return { kind: 'services', services, rejected };
}

/** The decoded parameters, or why this record contradicts itself; throws a DnsError when it is malformed. */
function readParams(values: ReadonlyMap<number, Uint8Array>): SvcParams | string {
  const contradiction = findContradiction(values);
  if (contradiction === undefined) return decodeSvcParams(values);
  // Malformed values of the other keys must still reject the whole set.
  decodeSvcParams(new Map([...values].filter(([key]) => !contradictingKeys.has(key))));
  return contradiction;
}

const contradictingKeys: ReadonlySet<number> = new Set([
  SvcParamKey.mandatory,
  SvcParamKey['no-default-alpn'],
]);

function findContradiction(values: ReadonlyMap<number, Uint8Array>): string | undefined {
  const missing = missingMandatoryKeys(values);
  if (missing.length > 0) return `mandatory lists ${missing.join(', ')}, which the record does not carry`;
  const alone = values.has(SvcParamKey['no-default-alpn']) && !values.has(SvcParamKey.alpn);
  return alone ? 'no-default-alpn stands without alpn' : undefined;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
