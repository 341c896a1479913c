// `countersign resolve NAME TYPE`: one validated look-up.

import type { JsonValue } from '@countersign/core';
import { DnsName, Ede, formatRdata, type Lookup, parseRrType, rcodeName, rrTypeName } from '@countersign/dns';
import type { Command } from 'commander';
import { toJson } from '../json.js';
import { addLookupOptions, type LookupFlags } from '../options.js';
import { hang, printable, type Report, type Style } from '../output.js';
import type { Session } from '../session.js';
import { createResolverFor } from '../settings.js';

export function addResolve(program: Command, session: Session): void {
  addLookupOptions(
    program
      .command('resolve')
      .description('look a name up and validate the answer with DNSSEC')
      .argument('<name>', 'for instance _443._tcp.example.com')
      .argument('<type>', 'for instance TLSA, SVCB, AAAA or TYPE65280'),
  ).action((name: string, type: string, _: unknown, command: Command) =>
    session.run(async () => {
      const owner = DnsName.parse(name);
      const rrType = parseRrType(type);
      const resolver = await createResolverFor(command.optsWithGlobals<LookupFlags>(), session.host);
      return report(await resolver.resolve(owner, rrType, { signal: session.host.signal }));
    }),
  );
}

function report(lookup: Lookup): Report {
  return {
    holds: lookup.status === 'secure' || lookup.status === 'insecure',
    json: lookupJson(lookup),
    lines: (style) => lookupLines(lookup, style),
  };
}

function lookupJson(lookup: Lookup): JsonValue {
  return {
    name: lookup.name.toString(),
    type: rrTypeName(lookup.type),
    status: lookup.status,
    rcode: rcodeName(lookup.rcode),
    answers: lookup.answers.map((record) => ({
      name: record.name.toString(),
      type: rrTypeName(record.type),
      ttl: record.ttl,
      data: formatRdata(record.type, record.rdata),
    })),
    ede: lookup.ede ?? null,
    why: lookup.why,
    chain: toJson(lookup.chain),
  };
}

function lookupLines(lookup: Lookup, style: Style): readonly string[] {
  const chain = lookup.chain.flatMap(({ zone, status, why }, depth) => {
    // Deep names keep their branch, but not so much indentation that no room is left.
    const indent = Math.min(depth, 8) * 3;
    const branch = depth === 0 ? '' : `${' '.repeat(indent - 3)}${style.branch}`;
    const head = `${printable(zone)}  ${status}  `;
    const dressed = `${branch}${style.bold(printable(zone))}  ${dressStatus(status, style)}  `;
    const width = branch.length + head.length;
    return width > style.width / 2
      ? [dressed, ...hang(' '.repeat(indent + 3), indent + 3, style.dim(printable(why)), style)]
      : hang(dressed, width, printable(why), style);
  });
  const answers = lookup.answers.flatMap((record) => {
    const head = `${printable(record.name.toString())} ${record.ttl} ${style.bold(rrTypeName(record.type))}`;
    const data = printable(formatRdata(record.type, record.rdata, { names: true }));
    return style.terminal ? [head, ...hang('  ', 2, data, style)] : [`${head} ${data}`];
  });
  const ede = lookup.ede === undefined ? '' : ` (extended error ${lookup.ede})`;
  return [
    ...chain,
    ...(chain.length > 0 ? [''] : []),
    ...answers,
    ...(answers.length > 0 ? [''] : [emptiness(lookup)]),
    ...hang(
      `${dressStatus(lookup.status, style)}: `,
      lookup.status.length + 2,
      printable(lookup.why) + ede,
      style,
    ),
    ...(lacksAnchoredKey(lookup) ? hang('', 0, anchorAdvice, style) : []),
  ];
}

const anchorAdvice =
  'The chain of trust does not even begin: the server may drop DNSSEC records (ask another one: --server), or another ' +
  'trust anchor is needed (--anchor FILE).';

/** True when the zone of the trust anchor itself showed no key, or no signed key, that the anchor vouches for. */
function lacksAnchoredKey({ status, ede, chain }: Lookup): boolean {
  return status === 'bogus' && chain.length === 1 && (ede === Ede.dnskeyMissing || ede === Ede.rrsigsMissing);
}

function emptiness(lookup: Lookup): string {
  if (lookup.status === 'bogus') return 'The answer is not shown: it is not authentic.';
  return `No ${rrTypeName(lookup.type)} record (${rcodeName(lookup.rcode)}).`;
}

function dressStatus(status: string, style: Style): string {
  if (status === 'secure') return style.good(status);
  return status === 'insecure' ? style.warn(status) : style.bad(status);
}
