// What to do about a refusal: every reason that a user can meet has its line.

import { describe, expect, it } from 'vitest';
import { adviceFor } from '../src/advice.js';

describe('advice', () => {
  it.each([
    ['dns_timeout', '--server'],
    ['dns_unreachable', '--server'],
    ['call_invalid', '--path'],
    ['body_too_large', 'larger'],
    ['certificate_untrusted', '--prefer-dane'],
    ['index_unsupported', '--name'],
  ])('on %s says what to do', (reason, words) => {
    expect(adviceFor(reason)).toContain(words);
  });

  it('is not made up for a reason that is not known', () => {
    expect(adviceFor('toString')).toBeUndefined();
  });
});
