// The pin of a certificate, made another way than the client makes it.

import { createHash, X509Certificate } from 'node:crypto';

/** SHA-256 of the SubjectPublicKeyInfo, in base64. */
export function pinOf(certificate: Uint8Array): string {
  const pem = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return createHash('sha256').update(der).digest('base64');
}
