// The schema of the `dns:` section of countersign.yaml.

import { z } from 'zod';
import { DnsError } from './error.js';
import { DnsName } from './name.js';
import { parseServer } from './transport/server.js';

// What only the parser of the value can tell is told where the value stands.
function readable(read: (text: string) => unknown) {
  return z.string().superRefine((text, context) => {
    try {
      read(text);
    } catch (error) {
      if (!(error instanceof DnsError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });
}

/** `dns:` — how names are looked up and where trust begins. */
export const dnsSchema = z
  .strictObject({
    servers: z
      .array(readable(parseServer))
      .min(1)
      .optional()
      .describe(
        'DNS servers, tried in turn: 127.0.0.1#53, tcp://…, tls://…, https://…. Default: those of the system.',
      ),
    trust: z
      .enum(['validate', 'ad'])
      .default('validate')
      .describe('Validate here, or believe the AD flag of servers on loopback, tls:// or https://.'),
    anchors: z
      .string()
      .min(1)
      .optional()
      .describe('A file of DS or DNSKEY lines. Default: the built-in anchors of the root.'),
    negative_anchors: z
      .array(readable(DnsName.parse))
      .default([])
      .describe('Names at and below which nothing is validated (RFC 7646).'),
    timeout_ms: z
      .int()
      .min(1)
      .max(300_000)
      .default(10_000)
      .describe('Milliseconds for one lookup, the chain of trust included.'),
    skew_seconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(0)
      .describe('Seconds of clock skew granted to signatures.'),
    accept_sha1: z
      .boolean()
      .default(false)
      .describe('Accept RSA/SHA-1 signatures (algorithms 5 and 7); otherwise such zones count as insecure.'),
  })
  .describe('How names are looked up and where trust begins');

export type DnsConfig = z.infer<typeof dnsSchema>;

/** Environment variables of this section, by the key that each sets. */
export const dnsEnvironment: Readonly<Record<string, string>> = {
  COUNTERSIGN_DNS_SERVERS: 'dns.servers',
  COUNTERSIGN_DNS_ANCHORS: 'dns.anchors',
};
