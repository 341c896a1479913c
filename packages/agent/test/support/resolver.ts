// A resolver of set answers, which remembers what it was asked.

import {
  DnsError,
  DnsName,
  type Lookup,
  parseRdata,
  Rcode,
  type Resolver,
  RrClass,
  RrType,
  type SecurityStatus,
} from '@countersign/dns';

export interface FakeAnswer {
  readonly status?: SecurityStatus;
  readonly rcode?: number;
  readonly ede?: number;
  /** Presentation form, or octets. */
  readonly rdata?: readonly (string | Uint8Array)[];
  readonly ttl?: number;
  /** Nobody answers this question. */
  readonly silent?: boolean;
  /** The answer never comes; the look-up ends with its signal. */
  readonly hangs?: boolean;
}

export interface FakeResolver extends Resolver {
  readonly asked: { readonly name: string; readonly type: number; readonly fresh: boolean }[];
  set(name: string, type: number, answer: FakeAnswer | readonly string[]): void;
  /** The number of questions under way at once, at most. */
  readonly peak: number;
}

const keyOf = (name: DnsName, type: number) => `${name.key}/${type}`;

/** Every name that is not set is a secure NXDOMAIN. */
export function fakeResolver(defaults: FakeAnswer = {}): FakeResolver {
  const answers = new Map<string, FakeAnswer>();
  const asked: { name: string; type: number; fresh: boolean }[] = [];
  let running = 0;
  let peak = 0;
  return {
    asked,
    get peak() {
      return peak;
    },
    set(name, type, answer) {
      const full = 'length' in answer ? { rdata: answer } : answer;
      answers.set(keyOf(DnsName.parse(name), type), full);
    },
    async resolve(given, type, options = {}) {
      const name = typeof given === 'string' ? DnsName.parse(given) : given;
      asked.push({ name: name.toString(), type, fresh: options.fresh ?? false });
      running += 1;
      peak = Math.max(peak, running);
      await new Promise((resolve) => setTimeout(resolve, 0));
      running -= 1;
      const answer = { ...defaults, ...answers.get(keyOf(name, type)) };
      if (answer.hangs) await untilAborted(options.signal);
      if (answer.silent) throw new DnsError('ERR_DNS_TIMEOUT', 'no server answered');
      return toLookup(name, type, answer);
    },
  };
}

function toLookup(name: DnsName, type: number, answer: FakeAnswer): Lookup {
  const { status = 'secure', rdata = [], ttl = 300 } = answer;
  return {
    name,
    type,
    status,
    rcode: answer.rcode ?? (rdata.length > 0 ? Rcode.NOERROR : Rcode.NXDOMAIN),
    answers: (status === 'bogus' ? [] : rdata).map((each) => ({
      name,
      type,
      class: RrClass.IN,
      ttl,
      rdata: typeof each === 'string' ? parseRdata(type, each) : each,
    })),
    ...(answer.ede === undefined ? {} : { ede: answer.ede }),
    why: `set to ${status}`,
    chain: [],
    ttl,
  };
}

async function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

export const { A, SVCB, TLSA, TXT } = RrType;
