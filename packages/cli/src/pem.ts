// The certificates of a PEM file (RFC 7468), in order. Text around the blocks is left aside; other blocks too.

import { ConfigError, readTextFile } from '@countersign/config';
import { UsageError } from './error.js';

const maxCertificates = 2000;

/**
 * The text of a PEM file.
 *
 * @param what names the file's purpose in the error
 * @throws ConfigError as `readTextFile` does
 * @throws UsageError for octets that are no text, with what to do about DER
 */
export async function readPemText(path: string, what: string, maxBytes: number): Promise<string> {
  try {
    return await readTextFile(path, what, maxBytes);
  } catch (error) {
    // Only octets that are no UTF-8 give a TypeError, and a certificate in DER always holds some.
    if (!(error instanceof ConfigError && error.cause instanceof TypeError)) throw error;
    const hint = `if it is DER, write it as PEM: openssl x509 -inform der -in ${path}`;
    throw new UsageError(`cannot read ${what} from ${path}: it is not text; ${hint}`, { cause: error });
  }
}

/**
 * The DER octets of every certificate.
 *
 * @param source names the file in the error
 * @throws UsageError when there is none, or a block is not base64
 */
export function certificatesOf(text: string, source: string): readonly Uint8Array[] {
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)];
  if (blocks.length === 0) throw new UsageError(`${source} holds no PEM certificate`);
  // A block that breaks off must not shift the others: the first certificate is the server's own.
  if (text.split('-----BEGIN CERTIFICATE-----').length - 1 !== blocks.length) {
    throw new UsageError(`${source} holds a certificate that breaks off`);
  }
  if (blocks.length > maxCertificates) {
    throw new UsageError(`${source} holds more than ${maxCertificates} certificates`);
  }
  return blocks.map(([, body = ''], index) => {
    const base64 = body.replaceAll(/\s+/g, '');
    if (base64 === '' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
      throw new UsageError(`certificate ${index + 1} of ${source} is not base64`);
    }
    return new Uint8Array(Buffer.from(base64, 'base64'));
  });
}
