// Why a connection failed, in words that are the same on every machine and in every run: OpenSSL's own messages
// carry thread addresses and the paths of its build.

import { CountersignError } from '@countersign/core';
import { quotePeer } from './peer-text.js';

/** `…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:…`: OpenSSL's line, its reason captured. */
const opensslLine = /error:[0-9a-f]{8}:[^:]{0,100}:[^:]{0,100}:([^:]{1,100})/i;

/**
 * One error of a connection as a check may say it: OpenSSL's reason and the runtime's code, for instance
 * `wrong version number (ERR_SSL_WRONG_VERSION_NUMBER)`; the message itself only where OpenSSL did not write it.
 */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return quotePeer(String(error));
  if (error instanceof CountersignError) return quotePeer(error.message, 500);
  const message = error.message.slice(0, 1000);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const given = 'reason' in error && typeof error.reason === 'string' ? error.reason : undefined;
  const reason = given ?? opensslLine.exec(message)?.[1];
  if (reason !== undefined) return quotePeer(code === undefined ? reason : `${reason} (${code})`);
  // A line of OpenSSL's in a shape that is not known here stays out as a whole.
  if (code?.startsWith('ERR_SSL_') || code === 'EPROTO') return code;
  return quotePeer(code === undefined || message.includes(code) ? message : `${message} (${code})`);
}
