// Which agent protocol a DNS-AID record speaks: the `bap` parameter first, then `alpn`.

/** The agent protocols that a record can name. */
export const agentProtocols = ['mcp', 'a2a', 'https'] as const;

export type AgentProtocol = (typeof agentProtocols)[number];

/** The agent protocol of that name, or undefined when it is none that is known here. */
export function parseAgentProtocol(text: string): AgentProtocol | undefined {
  return agentProtocols.find((protocol) => protocol === text);
}

const bapForm = /^([a-z][a-z0-9]*)(?:=([A-Za-z0-9][A-Za-z0-9._-]{0,63}))?$/;

/** The protocol token of a `bap` value (`mcp`, `mcp=1.0`), or undefined when the value has another shape. */
export function parseBap(value: string): string | undefined {
  return bapForm.exec(value)?.[1];
}

/**
 * The protocol of a record. `bap` decides where it stands; an agent protocol among the ALPN identifiers
 * comes next; `hint` (the index, or the label of the older name form) only fills the gap.
 */
export function recordProtocol(
  bap: string | undefined,
  alpn: readonly string[],
  hint: AgentProtocol | undefined,
): AgentProtocol | undefined {
  if (bap !== undefined) return parseAgentProtocol(parseBap(bap) ?? '');
  for (const id of alpn) {
    const protocol = parseAgentProtocol(id);
    if (protocol !== undefined) return protocol;
  }
  return hint;
}
