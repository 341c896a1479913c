// Find agents and call them, through every gate, in order: record, freshness, dnssec, then the connection's own
// checks on the connection that carries the call. Every call leaves a Signal.

import { randomBytes } from 'node:crypto';
import {
  type Check,
  type Clock,
  type JsonValue,
  type RandomBytes,
  type Signal,
  toVerdict,
  type Verdict,
} from '@countersign/core';
import type { Resolver } from '@countersign/dns';
import {
  createPeerConnector,
  createSecureFetch,
  type PeerConnector,
  type PeerOptions,
  quotePeer,
} from '@countersign/tls';
import { createBoundedFetch } from './bounded-fetch.js';
import { readCall } from './call.js';
import { type Deadline, startDeadline } from './deadline.js';
import { type DiscoverOptions, discoverDomain, findAgent } from './discover.js';
import type { Discovery } from './discovery.js';
import { endpointUrl } from './endpoint.js';
import { AgentError, GateRefusedError } from './error.js';
import { explainFailure, type Failure } from './failure.js';
import { type DiscoveryFlags, daneMode, resolveFlags } from './flags.js';
import { type GateContext, type GateProgress, passGates } from './gates.js';
import type { AgentCall, Handler, HandlerOutcome } from './handlers/handler.js';
import { callHttps } from './handlers/https.js';
import { callMcp } from './handlers/mcp.js';
import type { AgentProtocol } from './protocol.js';
import type { AgentRecord } from './record.js';
import { toSignal } from './signal.js';
import { startTrace, type Trace } from './trace.js';

/** The flags stand beside the rest; those that are not given are off. */
export interface AgentClientOptions extends Partial<DiscoveryFlags> {
  /** Looks every name up: records, addresses, TLSA. */
  readonly resolver: Resolver;
  /** PEM certificates that are trusted beside the bundled ones. */
  readonly ca?: readonly string[];
  /** CIDRs that may be dialled although they are not global unicast. Default: none. */
  readonly allowAddresses?: readonly string[];
  /** Milliseconds for one call or discovery, all of it. Default 30000. */
  readonly timeoutMs?: number;
  /** Octets of one response body. Default 10 MiB. */
  readonly maxResponseBytes?: number;
  readonly clock?: Clock;
  readonly random?: RandomBytes;
  /** Hears of every call when it is over. What it throws, `invoke` throws. */
  readonly onSignal?: (signal: Signal) => void;
}

/** `data` is what the agent answered; null when there is no answer. */
export interface InvocationResult {
  readonly ok: boolean;
  readonly data: JsonValue;
  readonly signal: Signal;
}

interface CallOptions {
  /** Ends the call early. */
  readonly signal?: AbortSignal;
}

interface Invocation extends GateProgress {
  readonly trace: Trace;
  readonly deadline: Deadline;
  /** The verdict on the connection that carries the call. */
  connection?: Verdict;
}

/** A connection must stand within this time, of the call's own. Milliseconds. */
const connectMs = 10_000;

export class AgentClient {
  readonly #resolver: Resolver;
  readonly #flags: DiscoveryFlags;
  readonly #peer: PeerOptions;
  readonly #connector: PeerConnector;
  readonly #timeoutMs: number;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #onSignal: ((signal: Signal) => void) | undefined;
  readonly #running = new Map<Deadline, Promise<unknown>>();
  #closed = false;

  /**
   * @throws AgentError ERR_OPTIONS for an option out of range
   * @throws TlsError ERR_TLS_CONFIG for a certificate or a CIDR that is none
   */
  constructor(options: AgentClientOptions) {
    this.#resolver = options.resolver;
    this.#flags = resolveFlags(options);
    this.#timeoutMs = positive('timeoutMs', options.timeoutMs ?? 30_000, 2 ** 31 - 1);
    this.#maxBytes = positive('maxResponseBytes', options.maxResponseBytes ?? 10 * 1024 * 1024);
    this.#clock = options.clock ?? Date.now;
    this.#random = options.random ?? randomBytes;
    this.#onSignal = options.onSignal;
    this.#peer = {
      resolver: options.resolver,
      dane: daneMode(this.#flags),
      requireDnssec: this.#flags.requireDnssec,
      timeoutMs: Math.min(connectMs, this.#timeoutMs),
      clock: this.#clock,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      ...(options.allowAddresses === undefined ? {} : { allowAddresses: options.allowAddresses }),
    };
    this.#connector = createPeerConnector(this.#peer);
  }

  /**
   * The agents that a domain lists in its index; with `name`, that one agent without the index.
   * Problems stand in `errors`; rejects only when it is aborted or out of time.
   */
  async discover(
    domain: string,
    options: CallOptions & { readonly name?: string; readonly protocol?: AgentProtocol } = {},
  ): Promise<Discovery> {
    const { name, ...rest } = options;
    if (name !== undefined) return this.find(`${name}.${domain}`, rest);
    return this.#run(options.signal, (deadline) =>
      deadline.race(discoverDomain(domain, this.#discovery(deadline, { ...rest, fresh: this.#asksFresh }))),
    );
  }

  /** One named agent: a record for each protocol that it speaks. Rejects only when it is aborted or out of time. */
  async find(
    fqdn: string,
    options: CallOptions & { readonly protocol?: AgentProtocol } = {},
  ): Promise<Discovery> {
    return this.#run(options.signal, (deadline) =>
      deadline.race(findAgent(fqdn, this.#discovery(deadline, { ...options, fresh: this.#asksFresh }))),
    );
  }

  /**
   * The trust report of one agent: its record, freshness, DNSSEC, and every check on a connection that is opened
   * for it and closed again. Rejects only when it is aborted.
   */
  async verify(agent: string | AgentRecord, options: CallOptions = {}): Promise<Verdict> {
    const progress: GateProgress = { checks: [] };
    const subject = quotePeer(typeof agent === 'string' ? agent : agent.fqdn, 253);
    return this.#run(options.signal, async (deadline) => {
      try {
        const record = await deadline.race(passGates(agent, this.#gates(deadline), progress));
        const target = { host: record.target, port: record.port };
        const peer = await this.#connector(target, deadline.signal);
        peer.socket.destroy();
        progress.checks.push(...peer.verdict.checks);
      } catch (error) {
        options.signal?.throwIfAborted();
        const failure = explainFailure(error);
        if (failure.verdict !== undefined) progress.checks.push(...failure.verdict.checks);
        else if (!(error instanceof GateRefusedError)) progress.checks.push(failedCheck('verify', failure));
      }
      return toVerdict(subject, progress.checks, this.#clock());
    });
  }

  /**
   * Calls an agent. A refusal, a failure, a time-out and an abort are all results with a Signal that says why.
   *
   * @param agent a record from discovery, or the agent's name, whose most preferred record is then used
   * @throws AgentError ERR_CLIENT_CLOSED after `close`
   */
  async invoke(
    agent: AgentRecord | string,
    call: AgentCall,
    options: CallOptions = {},
  ): Promise<InvocationResult> {
    const startedMs = this.#clock();
    const trace = startTrace(this.#random);
    return this.#run(options.signal, async (deadline) => {
      const invocation: Invocation = { trace, deadline, checks: [] };
      if (typeof agent !== 'string') invocation.record = agent;
      let outcome: HandlerOutcome | Failure;
      try {
        outcome = await deadline.race(this.#call(agent, call, invocation));
      } catch (error) {
        const failure = explainFailure(error);
        if (failure.reason === 'call_invalid') invocation.checks.push(failedCheck('call', failure));
        outcome = failure;
      }
      const signal = toSignal({
        ...invocation,
        agent: typeof agent === 'string' ? agent : agent.fqdn,
        method: call.method,
        outcome,
        startedMs,
        endedMs: this.#clock(),
      });
      this.#onSignal?.(signal);
      const data = 'data' in outcome ? outcome.data : null;
      return { ok: signal.status === 'success', data, signal };
    });
  }

  /** Aborts what is under way and waits until it has ended. The client cannot be used afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    const running = [...this.#running];
    for (const [deadline] of running) deadline.fail(new AgentError('ERR_ABORTED', 'the client was closed'));
    await Promise.allSettled(running.map(([, work]) => work));
  }

  async #call(agent: AgentRecord | string, call: AgentCall, invocation: Invocation): Promise<HandlerOutcome> {
    const { deadline, trace } = invocation;
    const { method, args, path } = readCall(call);
    const record = await passGates(agent, this.#gates(deadline), invocation);
    deadline.signal.throwIfAborted();
    const handler = handlers[record.protocol];
    if (handler === undefined) {
      const detail = `${record.protocol} agents cannot be called, only ${Object.keys(handlers).join(' and ')}`;
      const check: Check = { check: 'call', outcome: 'fail', reason: 'protocol_unsupported', detail };
      invocation.checks.push(check);
      throw new GateRefusedError(check);
    }
    const url = endpointUrl(record, path);
    // One connection pool for one call: the verdict is that of the connection which carries this very call.
    const peer = createSecureFetch({
      ...this.#peer,
      // A call that ends takes its unfinished connections with it.
      connector: (target) => this.#connector(target, deadline.signal),
      onVerdict: (verdict) => {
        invocation.connection = verdict;
      },
    });
    const fetch = createBoundedFetch({
      fetch: peer.fetch,
      origin: url.origin,
      deadline,
      traceparent: trace.traceparent,
      maxBytes: this.#maxBytes,
    });
    try {
      return await handler({ url, method, args, fetch, signal: deadline.signal });
    } finally {
      await peer.close();
    }
  }

  /** A cached answer would pass as discovered just now, so a caller who asks for freshness gets a fresh one. */
  get #asksFresh(): boolean {
    return this.#flags.verifyFreshnessSeconds > 0;
  }

  #gates(deadline: Deadline): GateContext {
    return {
      flags: this.#flags,
      clock: this.#clock,
      find: (fqdn, options) => findAgent(fqdn, this.#discovery(deadline, options)),
    };
  }

  #discovery(
    { signal }: Deadline,
    more: { readonly protocol?: AgentProtocol; readonly fresh: boolean },
  ): DiscoverOptions {
    return {
      resolver: this.#resolver,
      clock: this.#clock,
      requireDnssec: this.#flags.requireDnssec,
      ...more,
      signal,
    };
  }

  /** Runs one piece of work within its own deadline, known to `close`. */
  async #run<T>(outer: AbortSignal | undefined, work: (deadline: Deadline) => Promise<T>): Promise<T> {
    if (this.#closed) throw new AgentError('ERR_CLIENT_CLOSED', 'the client was closed; make a new one');
    const deadline = startDeadline(this.#timeoutMs, outer);
    const running = work(deadline);
    this.#running.set(deadline, running);
    try {
      return await running;
    } finally {
      this.#running.delete(deadline);
      deadline.end();
    }
  }
}

const handlers: Partial<Record<AgentProtocol, Handler>> = { mcp: callMcp, https: callHttps };

function failedCheck(check: string, { reason, detail }: Failure): Check {
  return { check, outcome: 'fail', reason, detail };
}

function positive(name: string, value: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value > 0 && value <= max) return value;
  throw new AgentError('ERR_OPTIONS', `${name} is ${value}, wanted a whole number from 1 to ${max}`);
}
