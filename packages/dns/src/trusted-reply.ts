// The other kind of trust: a server on a protected path validates, and its AD flag is believed (RFC 6840 section 5.8).
// Extended DNS Errors (RFC 8914) tell a bogus answer from a server in trouble.

import type { SecurityStatus } from './dnssec/chain-cache.js';
import { Ede } from './dnssec/ede.js';
import { negativeTtlOf } from './dnssec/negative.js';
import type { Lookup } from './lookup.js';
import type { Message } from './message.js';
import type { DnsName } from './name.js';
import { parseTarget } from './rdata/target.js';
import type { ResourceRecord } from './record.js';
import { Rcode, RrClass, RrType, rcodeName, rrTypeName } from './rrtype.js';

const edeOption = 15;
const extendedErrorOctets = 2;

// RFC 8914 section 4: these say that validation failed.
const bogusCodes: ReadonlySet<number> = new Set([
  Ede.bogus,
  Ede.signatureExpired,
  Ede.signatureNotYetValid,
  Ede.dnskeyMissing,
  Ede.rrsigsMissing,
  Ede.noZoneKeyBitSet,
  Ede.nsecMissing,
  Ede.signatureExpiredBeforeValid,
]);

function extendedError(reply: Message): number | undefined {
  const data = reply.edns?.options.find(({ code }) => code === edeOption)?.data;
  const [high, low] = data ?? [];
  if (data === undefined || data.length < extendedErrorOctets || high === undefined || low === undefined)
    return undefined;
  return (high << 8) | low;
}

// The records that answer the question: aliases from the name asked for, then the type at their end. What else a
// server puts beside them answers nothing. Undefined for more aliases than are followed.
function answering(
  reply: Message,
  name: DnsName,
  type: number,
  maxAliases: number,
): readonly ResourceRecord[] | undefined {
  const records: ResourceRecord[] = [];
  const ours = reply.answers.filter((record) => record.class === RrClass.IN);
  let owner = name;
  for (let hops = 0; hops <= maxAliases; hops += 1) {
    const at = ours.filter((record) => record.name.equals(owner));
    const wanted = at.filter((record) => record.type === type);
    if (wanted.length > 0) return [...records, ...wanted];
    const alias = at.find((record) => record.type === RrType.CNAME);
    if (alias === undefined) return records;
    records.push(alias);
    owner = parseTarget(alias.rdata);
  }
  return undefined;
}

/** Reads a reply of a server that is trusted to validate: `secure` with its AD flag, else `insecure`. */
export function readTrustedReply(reply: Message, name: DnsName, type: number, maxAliases: number): Lookup {
  const { rcode } = reply;
  const ede = extendedError(reply);
  const outcome = (
    status: SecurityStatus,
    why: string,
    answers: readonly ResourceRecord[],
    ttl: number,
  ): Lookup => ({
    name,
    type,
    status,
    rcode,
    answers,
    ...(ede === undefined ? {} : { ede }),
    why,
    chain: [],
    ttl,
  });
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) {
    const isBogus = rcode === Rcode.SERVFAIL && ede !== undefined && bogusCodes.has(ede);
    const why = `the server answered ${rcodeName(rcode)} for ${name} ${rrTypeName(type)}`;
    return isBogus
      ? outcome('bogus', `${why}: it found the answer bogus`, [], 0)
      : outcome('indeterminate', why, [], 0);
  }
  const answers = answering(reply, name, type, maxAliases);
  if (answers === undefined) {
    const why = `${name} is an alias of an alias, more than ${maxAliases} times`;
    return outcome('bogus', why, [], 0);
  }
  const found = answers.some((record) => record.type === type);
  const ttl = found ? Math.min(...answers.map((record) => record.ttl)) : negativeTtlOf(reply);
  return reply.flags.ad
    ? outcome('secure', 'the server says that it validated the answer (AD)', answers, ttl)
    : outcome('insecure', 'the server does not say that it validated the answer (no AD)', answers, ttl);
}
