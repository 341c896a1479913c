// What an attacker on the path, or an operator's accident, does to a signed zone: edits of its records, each of
// which must hit something, so that no test passes for the wrong reason.

/** One record of a signed zone file. */
export interface ZoneRecord {
  readonly owner: string;
  readonly ttl: number;
  readonly type: string;
  readonly data: string;
}

/** Changes a zone's records; `zoneOf` gives the untouched records of another zone. */
export type Tampering = (
  records: readonly ZoneRecord[],
  zoneOf: (origin: string) => readonly ZoneRecord[],
) => readonly ZoneRecord[];

/** Reads a zone file of one record a line, with absolute names, as the signers write it. */
export function readZone(text: string): readonly ZoneRecord[] {
  return text.split('\n').flatMap((line) => {
    const [, owner, ttl, type, data] = /^([^\s;]\S*)\s+(\d+)\s+IN\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (owner === undefined || type === undefined || data === undefined) return [];
    return [{ owner, ttl: Number(ttl), type, data }];
  });
}

export function writeRecords(records: readonly ZoneRecord[]): string {
  return `${records.map(({ owner, ttl, type, data }) => `${owner} ${ttl} IN ${type} ${data}`).join('\n')}\n`;
}

/** @param type of the records; `RRSIG A` stands for the signatures over A records */
const isOf = (record: ZoneRecord, owner: string, type: string): boolean =>
  record.owner.toLowerCase() === owner.toLowerCase() &&
  `${record.type} ${record.data} `.startsWith(`${type} `);

/** @param edit a record's replacements, undefined to leave it */
function edited(what: string, edit: (record: ZoneRecord) => readonly ZoneRecord[] | undefined): Tampering {
  return (records) => {
    let hits = 0;
    const result = records.flatMap((record) => {
      const replacements = edit(record);
      if (replacements === undefined) return [record];
      hits += 1;
      return replacements;
    });
    if (hits === 0) throw new Error(`There is no ${what} to tamper with`);
    return result;
  };
}

/** Takes records away: `removed('a.example.', 'RRSIG A')` strips a signature. */
export function removed(owner: string, type: string): Tampering {
  return edited(`${owner} ${type}`, (record) => (isOf(record, owner, type) ? [] : undefined));
}

/** Takes all records of a type away, wherever they stand, but at the owner `except`. */
export function removedEverywhere(type: string, except?: string): Tampering {
  return edited(type, (record) =>
    record.owner !== except && isOf(record, record.owner, type) ? [] : undefined,
  );
}

/** Changes the data of records under their old signatures. */
export function changed(owner: string, type: string, change: (data: string) => string): Tampering {
  return edited(`${owner} ${type}`, (record) =>
    isOf(record, owner, type) ? [{ ...record, data: change(record.data) }] : undefined,
  );
}

/** Changes the data of all records of a type. */
export function changedEverywhere(type: string, change: (data: string) => string): Tampering {
  return edited(type, (record) =>
    isOf(record, record.owner, type) ? [{ ...record, data: change(record.data) }] : undefined,
  );
}

/** Changes the TTL of records, but not what their signature says it was. */
export function lived(owner: string, type: string, ttl: number): Tampering {
  return edited(`${owner} ${type}`, (record) =>
    isOf(record, owner, type) ? [{ ...record, ttl }] : undefined,
  );
}

/** Writes the owner in another way, for instance in upper case. */
export function respelled(owner: string, type: string, spelling: string): Tampering {
  return edited(`${owner} ${type}`, (record) =>
    isOf(record, owner, type) ? [{ ...record, owner: spelling }] : undefined,
  );
}

/** Puts a record beside the others. */
export function added(record: ZoneRecord): Tampering {
  return (records) => [...records, record];
}

/** Puts copies of other records at a place, in this zone or another: a signature that belongs elsewhere. */
export function copied(
  from: { readonly origin?: string; readonly owner: string; readonly type: string },
  to: string,
  change: (data: string) => string = (data) => data,
): Tampering {
  return (records, zoneOf) => {
    const source = from.origin === undefined ? records : zoneOf(from.origin);
    const found = source.filter((record) => isOf(record, from.owner, from.type));
    if (found.length === 0) throw new Error(`There is no ${from.owner} ${from.type} to copy`);
    return [...records, ...found.map((record) => ({ ...record, owner: to, data: change(record.data) }))];
  };
}

/** One thing after the other. */
export function each(...tamperings: readonly Tampering[]): Tampering {
  return (records, zoneOf) => tamperings.reduce((now, tamper) => tamper(now, zoneOf), records);
}

/** The fields of a signature's data, in the order of RFC 4034 section 3.2. */
const rrsigFields = [
  'typeCovered',
  'algorithm',
  'labels',
  'originalTtl',
  'expiration',
  'inception',
  'keyTag',
  'signer',
] as const;

/** Changes one field of a signature. */
export function withField(
  field: (typeof rrsigFields)[number],
  change: (value: string) => string,
): (data: string) => string {
  return (data) => {
    const parts = data.split(/\s+/);
    const at = rrsigFields.indexOf(field);
    return parts.map((part, index) => (index === at ? change(part) : part)).join(' ');
  };
}

/** Changes an octet in the middle of a signature. */
export function corruptSignature(data: string): string {
  const parts = data.split(/\s+/);
  const signature = Buffer.from(parts.slice(rrsigFields.length).join(''), 'base64');
  const middle = signature.length >> 1;
  signature.writeUInt8(signature.readUInt8(middle) ^ 1, middle);
  return [...parts.slice(0, rrsigFields.length), signature.toString('base64')].join(' ');
}
