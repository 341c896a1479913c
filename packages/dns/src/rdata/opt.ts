// OPT: the options of EDNS (RFC 6891 section 6.1.2). The pseudo-record has no presentation form of its own in zone
// files; here it is a row of NAME=HEX, and Extended DNS Errors (RFC 8914) as their code and text.

import { malformed } from '../error.js';
import { WireReader, WireWriter } from '../wire.js';
import { fromHex, toHex } from './encoding.js';
import { type FieldReader, quoted } from './fields.js';

/** One EDNS option, its data as octets. */
export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

const optionCodes = {
  NSID: 3,
  DAU: 5,
  DHU: 6,
  N3U: 7,
  ECS: 8,
  EXPIRE: 9,
  COOKIE: 10,
  KEEPALIVE: 11,
  PADDING: 12,
  CHAIN: 13,
  KEYTAG: 14,
  EDE: 15,
} as const;

const codes = new Map<string, number>(Object.entries(optionCodes));
const names = new Map<number, string>(Object.entries(optionCodes).map(([name, code]) => [code, name]));

/** @throws DnsError `ERR_DNS_MALFORMED` for an option that is cut off */
export function parseOpt(rdata: Uint8Array): readonly EdnsOption[] {
  const reader = new WireReader(rdata);
  const options: EdnsOption[] = [];
  while (reader.remaining > 0) {
    const code = reader.u16();
    options.push({ code, data: reader.bytes(reader.u16()) });
  }
  return options;
}

/** @throws DnsError `ERR_DNS_MALFORMED` for a code or data that no field can hold */
export function encodeOpt(options: readonly EdnsOption[]): Uint8Array {
  const writer = new WireWriter(64);
  for (const option of options) {
    writer.u16(option.code);
    writer.u16(option.data.length);
    writer.bytes(option.data);
  }
  return writer.finish();
}

/** Reads `NAME=HEX`, `OPTnnn=HEX` and `EDE=CODE,"text"`; an option without data has no `=`. */
export function readOptText(fields: FieldReader): Uint8Array {
  const options: EdnsOption[] = [];
  do {
    const field = fields.raw('option');
    const [, name = '', value] = /^([A-Z0-9]+)(?:=([\s\S]*))?$/.exec(field) ?? [];
    const digits = /^OPT(0|[1-9][0-9]{0,4})$/.exec(name)?.[1];
    const code = codes.get(name) ?? (digits === undefined ? Number.NaN : Number(digits));
    if (!(code <= 0xffff)) throw fields.invalid(`${JSON.stringify(field)} is no EDNS option`);
    const data =
      (code === optionCodes.EDE ? readError(fields, value ?? '') : undefined) ?? fromHex(value ?? '');
    if (data === undefined || data.length > 0xffff) throw fields.invalid(`the value of ${name} does not fit`);
    options.push({ code, data });
  } while (fields.remaining > 0);
  return encodeOpt(options);
}

/** Writes what `readOptText` reads. */
export function formatOpt(rdata: Uint8Array): string {
  const options = parseOpt(rdata);
  if (options.length === 0) throw malformed('an OPT record without options has no text');
  return options.map(formatOption).join(' ');
}

function formatOption({ code, data }: EdnsOption): string {
  const name = names.get(code) ?? `OPT${code}`;
  if (data.length === 0) return name;
  if (code !== optionCodes.EDE || data.length < 2) return `${name}=${toHex(data)}`;
  // The comma, there even before an empty text, tells the code from octets in hexadecimal.
  return `${name}=${((data[0] ?? 0) << 8) | (data[1] ?? 0)},${quoted(data.subarray(2))}`;
}

function readError(fields: FieldReader, value: string): Uint8Array | undefined {
  const [, digits, text] = /^([0-9]{1,5}),([\s\S]*)$/.exec(value) ?? [];
  if (digits === undefined || text === undefined || Number(digits) > 0xffff) return undefined;
  const writer = new WireWriter(64);
  writer.u16(Number(digits));
  writer.bytes(fields.unescape(text, 'error text'));
  return writer.finish();
}
