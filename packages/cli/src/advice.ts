// What to do about a refusal, by its reason code.

const advice: Readonly<Record<string, string>> = {
  record_not_found: 'Check the name, or ask the owner of the domain whether the agent is published.',
  name_invalid: 'Write NAME.DOMAIN, for instance weather.acme.example.',
  lookup_failed: 'No DNS server gave a usable answer. Try again, or use another one: --server.',
  index_not_found: 'The domain publishes no list of its agents. Ask for one by name: --name.',
  index_unsupported: 'Only lists in TXT records are read. Ask for one agent by name: --name.',
  index_malformed: 'Ask the owner of the domain to correct the index, or ask for one agent: --name.',
  dns_timeout: 'No DNS server answered in time. Try again, or use another one: --server.',
  dns_unreachable: 'No DNS server could be reached. Check the network, or use another one: --server.',
  alpn_unsupported: 'The agent does not speak HTTP/1.1. Ask its owner.',
  call_invalid: 'Correct the call: --method NAME, --args with a JSON object, --path beginning with "/".',
  body_too_large: 'The answer is larger than is taken. Ask for less, or ask the owner of the agent.',
  protocol_unsupported: 'This version cannot call agents of that protocol yet.',
  connection_lost: "Try again. If it stays so, ask the agent's owner.",
  tool_error: 'The tool itself failed: check its name and arguments (--method tools/list).',
  record_malformed: 'Ask the owner of the domain to correct the SVCB record (RFC 9460).',
  mandatory_unsupported:
    'The record demands a feature that this version does not have. Update, or use another record.',
  protocol_unknown: 'Ask the owner which protocol the agent speaks: mcp, a2a or https.',
  stale_discovery_drift:
    'The agent has moved since it was discovered. Ask its owner whether that was meant, then discover it again.',
  freshness_failed: 'The record could not be read again. Try later, or allow older records.',
  dnssec_required:
    'The zone is not signed. Ask its owner to sign it, or do not require DNSSEC for this agent.',
  dnssec_bogus:
    'The DNS answer has been altered, or the zone is broken. Do not go on; try from another network.',
  address_not_found: "The agent's host has no address. Ask the owner of the domain.",
  address_forbidden:
    'The host points into a private network. If that is meant, allow it: --allow-address CIDR.',
  connect_failed: "Nothing answers there. Try later, or ask the agent's owner.",
  connect_timeout: 'Nothing answered in time. Try later, or allow more: --timeout MS.',
  tls_handshake_failed: "The peer does not speak TLS as it should. Ask the agent's owner.",
  certificate_untrusted:
    'If the agent has a private CA, hand it in: --ca PEM. An agent with a certificate of its own publishes a TLSA ' +
    'record: use --prefer-dane, or --profile standard. Otherwise do not go on.',
  certificate_expired: "Ask the agent's owner to renew the certificate.",
  certificate_not_yet_valid: "Check this machine's clock; otherwise ask the agent's owner.",
  certificate_name_mismatch: "The certificate is for another host. Do not go on; ask the agent's owner.",
  dane_mismatch:
    "Someone else may be answering in the agent's place. Do not go on; ask the owner of the domain.",
  dane_absent:
    'The domain publishes no usable TLSA record. Ask its owner, or do not require it: --no-require-dane.',
  dane_unusable: 'None of the TLSA records can be used. Ask the owner for "3 1 1" records.',
  dane_lookup_failed:
    'The TLSA record could not be looked up. Try again, or use another DNS server: --server.',
  http_status: 'The agent refused or failed. Check the method and its arguments.',
  protocol_error: 'The agent did not answer in its own protocol. Ask its owner.',
  timeout: 'Try again, or allow more: --timeout MS.',
};

/** One or two sentences on what to do; undefined for a reason that speaks for itself. */
export function adviceFor(reason: string): string | undefined {
  return Object.hasOwn(advice, reason) ? advice[reason] : undefined;
}
