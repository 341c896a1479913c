// The lab's own errors: what a user of the lab can do wrong.

import { CountersignError } from '@countersign/core';

/**
 * An error of the lab. Codes: `ERR_LAB_NAME_OUTSIDE_ZONE` (a record that does not belong to the zone) and
 * `ERR_LAB_NO_PORT` (no loopback port was free for both UDP and TCP).
 */
export class LabError extends CountersignError {
  override readonly name: string = 'LabError';
}
