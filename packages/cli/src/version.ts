// The version that `--version` prints: the package's own.

import { createRequire } from 'node:module';
import { z } from 'zod';

const manifest: unknown = createRequire(import.meta.url)('../package.json');

export const version: string = z.object({ version: z.string() }).parse(manifest).version;
