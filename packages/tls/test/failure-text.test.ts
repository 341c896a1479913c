// How a failed connection is worded: the reason and the code, never OpenSSL's own line.

import { describe, expect, test } from 'vitest';
import { TlsError } from '../src/error.js';
import { describeFailure } from '../src/failure-text.js';

const line =
  '804C22A7267F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/record.c:350:\n';
const withFields = (message: string, fields: Readonly<Record<string, string>>): Error =>
  Object.assign(new Error(message), fields);

describe('a failed connection is told', () => {
  test("by OpenSSL's reason and the runtime's code", () => {
    const error = withFields(line, { reason: 'wrong version number', code: 'ERR_SSL_WRONG_VERSION_NUMBER' });
    expect(describeFailure(error)).toBe('wrong version number (ERR_SSL_WRONG_VERSION_NUMBER)');
  });

  test('by the reason within the line, where the runtime gives the line alone', () => {
    expect(describeFailure(withFields(`write EPROTO ${line}`, { code: 'EPROTO' }))).toBe(
      'wrong version number (EPROTO)',
    );
  });

  test('by the code alone, where the line has another shape', () => {
    expect(describeFailure(withFields('804C22A7267F0000: odd', { code: 'ERR_SSL_ODD' }))).toBe('ERR_SSL_ODD');
  });

  test('in its own words where OpenSSL had no part in it, with the code once', () => {
    expect(describeFailure(withFields('read ECONNRESET', { code: 'ECONNRESET' }))).toBe('read ECONNRESET');
    expect(describeFailure(withFields('disconnected', { code: 'ECONNRESET' }))).toBe(
      'disconnected (ECONNRESET)',
    );
    expect(describeFailure(new TlsError('ERR_TLS_HANDSHAKE_FAILED', 'no certificate'))).toBe(
      'no certificate',
    );
    expect(describeFailure('gone')).toBe('gone');
  });

  test('in bounded text without control characters, whatever the reason holds', () => {
    const said = describeFailure(withFields('x', { reason: `\u001b[2J${'a'.repeat(10_000)}` }));
    expect(said.length).toBeLessThan(220);
    expect(said).not.toMatch(/\p{Cc}/u);
  });
});
