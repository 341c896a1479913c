// The types of what tests use of servers.mjs, which is plain JavaScript because it runs before the build.

export interface Server {
  readonly name: string;
  /** The Debian package that brings it. */
  readonly package: string;
  readonly binaries: readonly string[];
}
export const servers: readonly Server[];
export function findBinary(name: string): string | undefined;
export function missingServers(names?: readonly string[]): readonly Server[];
