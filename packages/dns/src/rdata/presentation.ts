// RDATA as text and back, by type; types without a form of their own by RFC 3597 section 5.

import { DnsError, invalidRdata } from '../error.js';
import { RrType, rrTypeName } from '../rrtype.js';
import { parseA, parseAaaa, readAaaaText, readAText } from './address.js';
import { formatCaa, readCaaText } from './caa.js';
import { formatDnskey, readDnskeyText } from './dnskey.js';
import { formatDs, readDsText } from './ds.js';
import { fromHex, toHex } from './encoding.js';
import { FieldReader } from './fields.js';
import { formatMx, readMxText } from './mx.js';
import { formatNaptr, readNaptrText } from './naptr.js';
import { formatNsec, readNsecText } from './nsec.js';
import { formatNsec3, formatNsec3Param, readNsec3ParamText, readNsec3Text } from './nsec3.js';
import { formatOpt, readOptText } from './opt.js';
import { formatRrsig, readRrsigText } from './rrsig.js';
import { formatSoa, readSoaText } from './soa.js';
import { formatSrv, readSrvText } from './srv.js';
import { formatSvcb, readSvcbText } from './svcb.js';
import { registeredKeyName, svcParamKeyName } from './svcparamkey.js';
import { formatTarget, readTargetText } from './target.js';
import { formatTlsa, readTlsaText } from './tlsa.js';
import { formatTxt, readTxtText } from './txt.js';

/** How `formatRdata` writes. */
export interface FormatOptions {
  /**
   * Service parameter keys by all the names that this package knows, those of DNS-AID among them (`bap="mcp"`): for
   * people. Default false: keys without a registered name as `keyNNNNN`, which every zone-file reader takes.
   * `parseRdata` reads both.
   */
  readonly names?: boolean;
}

interface Form {
  readonly format: (rdata: Uint8Array, options: FormatOptions) => string;
  readonly read: (fields: FieldReader) => Uint8Array;
}

const target: Form = { format: formatTarget, read: readTargetText };
const ds: Form = { format: formatDs, read: readDsText };
const dnskey: Form = { format: formatDnskey, read: readDnskeyText };
const tlsa: Form = { format: formatTlsa, read: readTlsaText };
const svcb: Form = {
  format: (rdata, options) => formatSvcb(rdata, options.names === true ? svcParamKeyName : registeredKeyName),
  read: readSvcbText,
};

const forms: ReadonlyMap<number, Form> = new Map([
  [RrType.A, { format: parseA, read: readAText }],
  [RrType.NS, target],
  [RrType.CNAME, target],
  [RrType.SOA, { format: formatSoa, read: readSoaText }],
  [RrType.PTR, target],
  [RrType.MX, { format: formatMx, read: readMxText }],
  [RrType.TXT, { format: formatTxt, read: readTxtText }],
  [RrType.AAAA, { format: parseAaaa, read: readAaaaText }],
  [RrType.SRV, { format: formatSrv, read: readSrvText }],
  [RrType.NAPTR, { format: formatNaptr, read: readNaptrText }],
  [RrType.DNAME, target],
  [RrType.OPT, { format: formatOpt, read: readOptText }],
  [RrType.DS, ds],
  [RrType.RRSIG, { format: formatRrsig, read: readRrsigText }],
  [RrType.NSEC, { format: formatNsec, read: readNsecText }],
  [RrType.DNSKEY, dnskey],
  [RrType.NSEC3, { format: formatNsec3, read: readNsec3Text }],
  [RrType.NSEC3PARAM, { format: formatNsec3Param, read: readNsec3ParamText }],
  [RrType.TLSA, tlsa],
  [RrType.SMIMEA, tlsa],
  [RrType.CDS, ds],
  [RrType.CDNSKEY, dnskey],
  [RrType.SVCB, svcb],
  [RrType.HTTPS, svcb],
  [RrType.CAA, { format: formatCaa, read: readCaaText }],
]);

/**
 * The presentation form of RDATA. Types that have none here, and RDATA that breaks the rules of its type, are
 * written in the generic form of RFC 3597: `\# 4 0a000001`. Never throws.
 */
export function formatRdata(type: number, rdata: Uint8Array, options: FormatOptions = {}): string {
  const form = forms.get(type);
  if (form === undefined) return formatGeneric(rdata);
  try {
    return form.format(rdata, options);
  } catch (error) {
    if (error instanceof DnsError) return formatGeneric(rdata);
    throw error;
  }
}

/** RDATA has at most 65535 octets, each at most eight characters (two rounds of \DDD), and something between them. */
const maxTextLength = 1 << 20;

/**
 * Reads the presentation form of RDATA: the type's own, or the generic one of RFC 3597, which is taken as it is
 * for every type. At most 1048576 characters.
 *
 * @throws DnsError `ERR_DNS_RDATA_INVALID`
 */
export function parseRdata(type: number, text: string): Uint8Array {
  if (text.length > maxTextLength) throw invalidRdata(`the text has more than ${maxTextLength} characters`);
  const fields = new FieldReader(rrTypeName(type), text);
  if (/^[\s(]*\\#(?:\s|$)/.test(text)) return readGeneric(fields);
  const form = forms.get(type);
  if (form === undefined) {
    throw invalidRdata(`${rrTypeName(type)} has no presentation form here; write \\# LENGTH HEX (RFC 3597)`);
  }
  const rdata = form.read(fields);
  fields.finish();
  if (rdata.length > 0xffff) throw fields.invalid('it is longer than 65535 octets');
  return rdata;
}

function formatGeneric(rdata: Uint8Array): string {
  return rdata.length === 0 ? '\\# 0' : `\\# ${rdata.length} ${toHex(rdata)}`;
}

function readGeneric(fields: FieldReader): Uint8Array {
  fields.raw('\\#');
  const length = fields.integer('length', 16);
  let text = '';
  while (fields.remaining > 0) text += fields.raw('hexadecimal');
  const rdata = fromHex(text);
  if (rdata?.length !== length) throw fields.invalid(`not ${length} octets of hexadecimal behind \\#`);
  return rdata;
}
