// The two codes that RDATA is refused with.

import { expect } from 'vitest';

/** Octets that break the rules of their type. */
export const malformed = expect.objectContaining({ code: 'ERR_DNS_MALFORMED' });

/** Text that is not the presentation form. */
export const invalid = expect.objectContaining({ code: 'ERR_DNS_RDATA_INVALID' });
