// The first half of the story: an agent is found, proven and called.

import { firstFailure } from '@countersign/core';
import { toJson } from '../json.js';
import { printable } from '../output.js';
import { checkLines } from '../verdict-view.js';
import type { Step } from './step.js';

const city = 'Lisbon';

export const discover: Step = {
  step: 'discover',
  title: 'Ask the domain for its agents',
  async play({ lab, client }, signal) {
    const { agents, errors } = await client.discover(lab.domain, { signal });
    const secure = agents.every((agent) => agent.dnssec === 'secure');
    return {
      ok: agents.length === 2 && errors.length === 0 && secure,
      outcome: `${agents.length} agents found`,
      why: secure
        ? 'Every DNS answer was validated from the root down, here, not by a resolver.'
        : 'Not every record could be validated.',
      show: (style) =>
        agents.map((agent) => {
          const endpoint = `${printable(agent.target)}:${agent.port}`;
          const status = agent.dnssec === 'secure' ? style.good(agent.dnssec) : style.bad(agent.dnssec);
          return `${printable(agent.fqdn).padEnd(21)} ${agent.protocol.padEnd(6)} ${endpoint.padEnd(26)} ${status}`;
        }),
      facts: { domain: lab.domain, agents: toJson(agents), errors: toJson(errors) },
    };
  },
};

export const verify: Step = {
  step: 'verify',
  title: 'Prove who the weather agent is',
  async play({ lab, client }, signal) {
    const verdict = await client.verify(lab.agents.weather.fqdn, { signal });
    const failed = firstFailure(verdict);
    return {
      ok: verdict.ok && verdict.checks.some(({ check, outcome }) => check === 'dane' && outcome === 'pass'),
      outcome:
        failed === undefined
          ? 'It is who the domain says it is'
          : `Refused: ${failed.reason ?? failed.check}`,
      why:
        failed === undefined
          ? 'No authority signed its certificate. The domain itself names the key, in DNS (DANE).'
          : failed.detail,
      show: (style) => checkLines(verdict.checks, style).map((line) => line.replace(/^ {2}/, '')),
      facts: { verdict: toJson(verdict) },
    };
  },
};

export const call: Step = {
  step: 'call',
  title: 'Call one of its tools over MCP',
  async play({ lab, client }, signal) {
    const { fqdn } = lab.agents.weather;
    const {
      ok,
      data,
      signal: record,
    } = await client.invoke(
      fqdn,
      { method: 'tools/call', args: { name: 'forecast', arguments: { city } } },
      { signal },
    );
    const answer = typeof data === 'string' ? data : JSON.stringify(data);
    return {
      ok: ok && answer.includes(city),
      outcome: ok ? printable(answer) : `Not called: ${record.reason ?? record.status}`,
      why: ok
        ? 'The check was made on this very connection, before the first byte of the call.'
        : record.detail,
      show: (style) => [style.dim(`tools/call forecast {"city":"${city}"}`)],
      facts: { data, signal: toJson(record) },
    };
  },
};
