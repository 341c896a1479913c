// TLSA records as people have them: "3 1 1 HEX", or lines of a zone file with owner, TTL and class before
// the type, and comments. One record a line, or over several within parentheses (RFC 1035 section 5.1).

import { isCountersignError } from '@countersign/core';
import { parseRdata, parseTlsa, RrType, type Tlsa } from '@countersign/dns';
import { UsageError } from './error.js';

/** The record of `"3 1 1 HEX"`; also of a zone file's line. */
export function parseTlsaText(text: string, source: string): Tlsa {
  const words = text
    .replaceAll(/[()]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  const type = words.findIndex((word) => /^(tlsa|type52)$/i.test(word));
  // Without a type it has to be the data alone: an owner such as "3" must not be read as a usage.
  const rdata = words.slice(type + 1).join(' ');
  try {
    return parseTlsa(parseRdata(RrType.TLSA, rdata));
  } catch (cause) {
    if (!isCountersignError(cause)) throw cause;
    throw new UsageError(`${source} is no TLSA record: ${cause.message}`, { cause });
  }
}

/** Every record of a file: comments begin with `;` or `#`, empty lines do not count. */
export function parseTlsaFile(text: string, source: string): readonly Tlsa[] {
  const records: Tlsa[] = [];
  let parts: string[] = [];
  let first = 1;
  let open = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    // "\#" is the generic form of RFC 3597, not a comment.
    const content = line.replace(/(;|(?<!\\)#).*$/, '').trim();
    if (!open) {
      parts = [];
      first = index + 1;
    }
    parts.push(content);
    const last = /[()](?=[^()]*$)/.exec(content)?.[0];
    open = last === undefined ? open : last === '(';
    const record = parts.join(' ');
    if (!open && record !== '') records.push(parseTlsaText(record, `${source}:${first}`));
  }
  if (open) throw new UsageError(`${source}:${first}: a parenthesis is not closed`);
  return records;
}
