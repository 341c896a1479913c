// The names under which a DNS-AID agent can stand (draft-mozleywilliams-dnsop-dnsaid-02):
// NAME.DOMAIN, NAME._agents.DOMAIN in AliasMode, and the older _NAME._PROTO._agents.DOMAIN.

import { type AgentProtocol, agentProtocols, parseAgentProtocol } from './protocol.js';

/** An agent's name, taken apart. */
export interface AgentName {
  /** The owner name to look up: lower case, without the final dot. */
  readonly fqdn: string;
  readonly name: string;
  readonly domain: string;
  readonly form: 'flat' | 'walkable' | 'older';
  /** The protocol that the name itself tells; only the older form does. */
  readonly protocol?: AgentProtocol;
}

const hostLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const maxNameLength = 253;

/** True for one host name label in lower case: letters, digits, inner hyphens, at most 63 octets. */
export function isHostLabel(text: string): boolean {
  return hostLabel.test(text);
}

/** A domain in lower case without its final dot, or undefined when it is no host name. */
export function parseDomain(text: string): string | undefined {
  if (text.length > maxNameLength + 1) return undefined;
  const domain = text.toLowerCase().replace(/\.$/, '');
  if (domain.length > maxNameLength || !domain.split('.').every(isHostLabel)) return undefined;
  return domain;
}

/** Takes an agent's name apart, or gives undefined when it has none of the three forms. */
export function parseAgentName(text: string): AgentName | undefined {
  if (text.length > maxNameLength + 1) return undefined;
  const fqdn = text.toLowerCase().replace(/\.$/, '');
  if (fqdn.length > maxNameLength) return undefined;
  const [first = '', second = '', third = '', ...rest] = fqdn.split('.');
  if (first.startsWith('_')) {
    const protocol = second.startsWith('_') ? parseAgentProtocol(second.slice(1)) : undefined;
    if (third !== '_agents' || protocol === undefined) return undefined;
    return named(fqdn, first.slice(1), rest.join('.'), 'older', protocol);
  }
  if (second === '_agents') return named(fqdn, first, [third, ...rest].join('.'), 'walkable');
  return named(fqdn, first, fqdn.slice(first.length + 1), 'flat');
}

/**
 * The owner names to ask for an agent, in stages: the next stage counts only when the one before holds no
 * record. A flat name has the two other forms behind it; a name in one of those is asked as it stands.
 */
export function lookupStages(asked: AgentName, protocol?: AgentProtocol): readonly (readonly AgentName[])[] {
  if (asked.form !== 'flat') return [[asked]];
  const forms = [
    [`${asked.name}._agents.${asked.domain}`],
    (protocol === undefined ? agentProtocols : [protocol]).map(
      (each) => `_${asked.name}._${each}._agents.${asked.domain}`,
    ),
  ];
  return [[asked], ...forms.map((names) => names.flatMap((name) => parseAgentName(name) ?? []))];
}

function named(
  fqdn: string,
  name: string,
  domain: string,
  form: AgentName['form'],
  protocol?: AgentProtocol,
): AgentName | undefined {
  // One name, one spelling: a second final dot must not come through as part of the domain.
  if (!isHostLabel(name) || parseDomain(domain) !== domain) return undefined;
  return { fqdn, name, domain, form, ...(protocol === undefined ? {} : { protocol }) };
}
