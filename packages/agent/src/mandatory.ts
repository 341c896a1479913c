// May this client use a record that names mandatory keys? RFC 9460 section 8.
// A key counts as supported only when its meaning is acted on here, never because it can be parsed.

import { SvcParamKey, type SvcParams, svcParamKeyName } from '@countersign/dns';

/**
 * The SvcParamKeys whose meaning is implemented.
 *
 * `alpn` and `no-default-alpn` decide whether the endpoint speaks what is spoken here, `port` is the port that
 * is dialled, `bap` chooses the protocol. Not among them: the address hints (addresses always come from a
 * validated lookup), `ech`, and the DNS-AID keys that are carried on the record but not enforced (`cap`,
 * `cap-sha256`, `policy`, `realm`, `sig`, `connect-class`, `connect-meta`, `enroll-uri`, `well-known`).
 */
export const supportedKeys: ReadonlySet<number> = new Set([
  SvcParamKey.alpn,
  SvcParamKey['no-default-alpn'],
  SvcParamKey.port,
  SvcParamKey.bap,
]);

/** Keys that are mandatory wherever they stand, listed or not (RFC 9460 sections 8 and 9). */
const automaticallyMandatoryKeys: ReadonlySet<number> = new Set([
  SvcParamKey['no-default-alpn'],
  SvcParamKey.port,
]);

/**
 * The keys that a client must support to use this record, listed or automatically mandatory, in ascending order.
 */
export function mandatoryKeys(
  params: Pick<SvcParams, 'mandatory'>,
  present: ReadonlyMap<number, Uint8Array>,
): readonly number[] {
  const keys = new Set(params.mandatory ?? []);
  for (const key of automaticallyMandatoryKeys) if (present.has(key)) keys.add(key);
  return [...keys].sort((a, b) => a - b);
}

/** The mandatory keys that this client does not implement, as names; the record is usable when there are none. */
export function unsupportedKeys(mandatory: readonly number[]): readonly string[] {
  return mandatory.filter((key) => !supportedKeys.has(key)).map(svcParamKeyName);
}

/**
 * The keys that the record's `mandatory` value lists and the record does not carry, as names. Such a record
 * contradicts itself and is rejected alone; the rest of its set stands (RFC 9460 sections 2.4.3 and 8).
 */
export function missingMandatoryKeys(present: ReadonlyMap<number, Uint8Array>): readonly string[] {
  const value = present.get(SvcParamKey.mandatory);
  if (value === undefined) return [];
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const missing: string[] = [];
  for (let at = 0; at + 2 <= value.length; at += 2) {
    const key = view.getUint16(at);
    if (key !== SvcParamKey.mandatory && !present.has(key)) missing.push(svcParamKeyName(key));
  }
  return missing;
}
