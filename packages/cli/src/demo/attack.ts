// The second half of the story: four ways to be led astray, and how each is refused.

import type { AgentClient, AgentRecord } from '@countersign/agent';
import type { JsonObject } from '@countersign/core';
import { type Message, parseRdata, RrType } from '@countersign/dns';
import type { LabAgent } from '@countersign/lab';
import { toJson } from '../json.js';
import { freshnessSeconds } from './stage.js';
import type { Scene, Step } from './step.js';

const forecast = { method: 'forecast', args: { city: 'Oslo' } };

export const impostor: Step = {
  step: 'impostor',
  title: 'An impostor takes its place: same address, same name, another key',
  async play(stage, signal) {
    const { lab } = stage;
    const before = lab.impostor.requests;
    await lab.impersonate();
    try {
      const scene = await refusedCall(stage.client, lab.agents.weather.fqdn, 'dane_mismatch', signal);
      const received = lab.impostor.requests - before;
      return explained(
        { ...scene, ok: scene.ok && received === 0, facts: { ...scene.facts, requests: received } },
        `Its key is not the one that the domain pins. Requests that reached it: ${received}.`,
      );
    } finally {
      await lab.restore();
    }
  },
};

export const drift: Step = {
  step: 'drift',
  title: "The DNS record is changed behind the client's back",
  async play(stage, signal) {
    const { lab, client } = stage;
    const { weather, quotes } = lab.agents;
    const { agents } = await client.find(weather.fqdn, { signal });
    const [known] = agents;
    if (known === undefined) throw new Error(`${weather.fqdn} was not found`);
    lab.zone.set(weather.fqdn, RrType.SVCB, [agentRecord(quotes, 'mcp')]);
    try {
      stage.passTime(freshnessSeconds + 1);
      const scene = await refusedCall(client, known, 'stale_discovery_drift', signal);
      return explained(
        scene,
        `After ${freshnessSeconds} s a record is read again before a call. It now points to ` +
          `${quotes.target}, validly signed: someone has to agree to that first.`,
      );
    } finally {
      lab.zone.set(weather.fqdn, RrType.SVCB, [agentRecord(weather, 'mcp')]);
    }
  },
};

export const stripped: Step = {
  step: 'stripped',
  title: 'Someone on the network strips the signatures off the TLSA answer',
  async play(stage, signal) {
    stage.lab.tamper((question, reply) => (question.type === RrType.TLSA ? withoutProof(reply) : reply));
    try {
      const client = stage.newcomer();
      const scene = await refusedCall(client, stage.lab.agents.weather.fqdn, 'dnssec_bogus', signal);
      return explained(
        scene,
        'The zone is signed, so an answer without its proof is bogus: never taken for absent.',
      );
    } finally {
      stage.lab.tamper();
    }
  },
};

export const mandatory: Step = {
  step: 'mandatory',
  title: 'A record makes a key mandatory that this client does not know',
  async play({ lab, newcomer }, signal) {
    const fqdn = `future.${lab.domain}`;
    lab.zone.set(fqdn, RrType.SVCB, [agentRecord(lab.agents.quotes, 'https', 'key65333')]);
    try {
      const { agents, errors } = await newcomer().find(fqdn, { signal });
      const skipped = errors.find(({ reason }) => reason === 'mandatory_unsupported');
      return {
        ok: agents.length === 0 && skipped !== undefined,
        outcome: skipped === undefined ? 'Not skipped' : `Skipped: ${skipped.reason}`,
        why: 'key65333 may hold a condition: what is not understood is not guessed.',
        facts: { reason: skipped?.reason ?? null, agents: toJson(agents), errors: toJson(errors) },
      };
    } finally {
      lab.zone.remove(fqdn, RrType.SVCB);
    }
  },
};

/** A call that has to be refused for one reason and no other. */
async function refusedCall(
  client: AgentClient,
  agent: AgentRecord | string,
  reason: string,
  signal: AbortSignal,
): Promise<Scene> {
  const { ok, signal: record } = await client.invoke(agent, forecast, { signal });
  const seen = record.reason ?? record.status;
  const facts: JsonObject = { reason: seen, signal: toJson(record) };
  return {
    ok: !ok && record.status === 'refused' && seen === reason,
    outcome: ok ? 'Not refused' : `Refused: ${seen}`,
    why: record.detail,
    facts,
  };
}

/** The scene in the story's words; one that went wrong keeps the words of what happened. */
function explained(scene: Scene, why: string): Scene {
  return scene.ok ? { ...scene, why } : scene;
}

/** The SVCB record of an agent that answers where `at` does; `demand` is one more mandatory key. */
function agentRecord(at: LabAgent, protocol: string, demand?: string): Uint8Array {
  const [keys, param] = demand === undefined ? ['', ''] : [`,${demand}`, ` ${demand}=x`];
  return parseRdata(
    RrType.SVCB,
    `1 ${at.target}. mandatory=alpn,port${keys} alpn=${protocol} port=${at.port} bap=${protocol}${param}`,
  );
}

function withoutProof(reply: Message): Message {
  const unsigned = (section: Message['answers']) => section.filter(({ type }) => type !== RrType.RRSIG);
  return { ...reply, answers: unsigned(reply.answers), authorities: unsigned(reply.authorities) };
}
