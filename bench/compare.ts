// Two sides measured in turn, A B A B, so that whatever slows the machine slows both; medians and quartiles, so
// that a disturbed round does not count.

import type { Reading } from './measure.js';

/** One of the two things that are compared. */
export interface Side {
  /** What it is, for the report: "bare crypto.verify". */
  readonly name: string;
  /** How many times one `run` does the thing. */
  readonly operations: number;
  /** Before each round, outside the measurement. */
  readonly prepare?: () => unknown;
  readonly run: () => unknown;
}

/** How a comparison is made. */
export interface CompareOptions {
  /** `cpu`: CPU time of this process, all its threads; `wall`: the time that passes. */
  readonly clock: 'cpu' | 'wall';
  /** `cost`: our time by the peer's, so 0.5 is half the cost; `speed`: the other way round. Default `cost`. */
  readonly as?: 'cost' | 'speed';
  /** Measured rounds of both sides. Default 31. */
  readonly rounds?: number;
  /** Rounds before these, in which code becomes warm. Default 5. */
  readonly warmups?: number;
}

const clocks: Readonly<Record<CompareOptions['clock'], () => number>> = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  wall: () => performance.now() * 1000,
};

async function timeOf(side: Side, clock: () => number): Promise<number> {
  await side.prepare?.();
  const before = clock();
  await side.run();
  return (clock() - before) / side.operations;
}

/** Measures two sides in turn; the ratio is the median of the rounds' ratios. */
export async function compare(ours: Side, peer: Side, options: CompareOptions): Promise<Reading> {
  const { rounds = 31, warmups = 5, as = 'cost' } = options;
  const clock = clocks[options.clock];
  const times: { readonly ours: number; readonly peer: number }[] = [];
  for (let round = -warmups; round < rounds; round += 1) {
    const pair = { ours: await timeOf(ours, clock), peer: await timeOf(peer, clock) };
    if (round >= 0) times.push(pair);
  }
  const ratios = times.map((pair) => (as === 'cost' ? pair.ours / pair.peer : pair.peer / pair.ours));
  const typical = (side: 'ours' | 'peer') => microseconds(median(times.map((pair) => pair[side])));
  return {
    ratio: median(ratios),
    noise: spread(ratios),
    detail:
      `${ours.name} ${typical('ours')}, ${peer.name} ${typical('peer')} ` +
      `(${options.clock === 'cpu' ? 'CPU' : 'wall'} time, ${rounds} rounds)`,
  };
}

/** Measures one side alone, for a bar that is no ratio of two times: microseconds an operation, a round each. */
export async function sample(
  side: Side,
  options: Pick<CompareOptions, 'clock' | 'rounds' | 'warmups'>,
): Promise<readonly number[]> {
  const { rounds = 31, warmups = 5 } = options;
  const times: number[] = [];
  for (let round = -warmups; round < rounds; round += 1) {
    const time = await timeOf(side, clocks[options.clock]);
    if (round >= 0) times.push(time);
  }
  return times;
}

/** The value that half of the values lie below. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The interquartile range by the median. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / Math.abs(median(values));
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const lower = sorted[Math.floor(position)] ?? Number.NaN;
  const upper = sorted[Math.ceil(position)] ?? Number.NaN;
  return lower + (upper - lower) * (position - Math.floor(position));
}

/** Microseconds as text, in the unit that suits. */
export function microseconds(value: number): string {
  if (value < 1) return `${(value * 1000).toPrecision(3)} ns`;
  return value < 1000 ? `${value.toPrecision(3)} µs` : `${(value / 1000).toPrecision(3)} ms`;
}
