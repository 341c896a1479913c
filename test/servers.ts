// Suites that need real servers: skipped where these cannot be had, with one line saying which and why; with
// CI=true a missing server is a failed test, so that no run is green for want of one.

import { describe, test } from 'vitest';
import { findBinary, missingServers } from '../scripts/servers.mjs';

/**
 * Describes a suite that needs the named servers of scripts/servers.mjs.
 *
 * @param title the suite's name, as `describe` takes it
 * @param needs names of that table
 */
export function serverSuite(title: string, needs: readonly string[], body: () => void): void {
  const missing = missingServers(needs);
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const packages = missing.map((server) => `${server.name} (Debian package ${server.package})`).join(', ');
  const reason = `${title}: needs ${packages}, not installed here`;
  if (process.env.CI === 'true') {
    test(`${title} has its servers`, () => {
      throw new Error(`${reason}; CI=true asks for every server`);
    });
    return;
  }
  process.stderr.write(`skipped: ${reason}\n`);
  describe.skip(reason, body);
}

/** The path of an installed server's program. Throws when it is not there. */
export function binary(name: string): string {
  const path = findBinary(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}
