// A resolver that answers from a table and counts the questions.

import {
  DnsName,
  type Lookup,
  type Resolver,
  RrClass,
  rrTypeName,
  type SecurityStatus,
  type Tlsa,
} from '@countersign/dns';

export interface Answer {
  readonly status?: SecurityStatus;
  readonly rdata?: readonly Uint8Array[];
  readonly rcode?: number;
  readonly ede?: number;
  /** Thrown instead of an answer. */
  readonly error?: Error;
  /** No answer before the signal aborts, and none after. */
  readonly silent?: boolean;
}

/** Keyed by `name TYPE`, for instance `a.example A`; anything else is a secure empty answer. */
export type Answers = Readonly<Record<string, Answer>>;

export interface FakeResolver extends Resolver {
  readonly asked: string[];
}

export function fakeResolver(answers: Answers): FakeResolver {
  const asked: string[] = [];
  return {
    asked,
    resolve: async (given, type): Promise<Lookup> => {
      const name = typeof given === 'string' ? DnsName.parse(given) : given;
      const question = `${name.toString().replace(/\.$/, '')} ${rrTypeName(type)}`;
      asked.push(question);
      const answer = answers[question] ?? {};
      if (answer.error !== undefined) throw answer.error;
      if (answer.silent) return new Promise(() => undefined);
      const status = answer.status ?? 'secure';
      return {
        name,
        type,
        status,
        rcode: answer.rcode ?? (status === 'indeterminate' ? 2 : 0),
        ...(answer.ede === undefined ? {} : { ede: answer.ede }),
        answers: (answer.rdata ?? []).map((rdata) => ({ name, type, class: RrClass.IN, ttl: 60, rdata })),
        why: `the table says ${status}`,
        chain: [],
        ttl: 60,
      };
    },
  };
}

export const loopback: Answer = { rdata: [Uint8Array.of(127, 0, 0, 1)] };

/** TLSA RDATA, written by hand so that it does not lean on the encoder. */
export function tlsaAnswer(records: readonly Tlsa[], status: SecurityStatus = 'secure'): Answer {
  const rdata = records.map((record) =>
    Uint8Array.of(record.usage, record.selector, record.matchingType, ...record.data),
  );
  return { status, rdata };
}
