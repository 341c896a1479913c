// The schema of the `dns:` section of countersign.yaml.

import { z } from 'zod';

/** `dns:` — how names are looked up and where trust begins. */
export const dnsSchema = z
  .strictObject({
    servers: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('DNS servers as HOST or HOST#PORT, tried in turn. Default: the system configuration.'),
    anchors: z
      .string()
      .min(1)
      .optional()
      .describe('A file of DS or DNSKEY lines. Default: the built-in anchors of the root.'),
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
