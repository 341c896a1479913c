// The command's own errors.

import { CountersignError } from '@countersign/core';

/** The command line itself is wrong, or a file that it names. Exit code 2. */
export class UsageError extends CountersignError {
  override readonly name: string = 'UsageError';

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_USAGE', message, options);
  }
}
