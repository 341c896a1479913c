import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Tests read the packages' sources, so that a failing line is the line that was written; the command's
// own end-to-end tests start the built program.
export default defineConfig(({ mode }) => ({
  resolve: {
    alias: [
      { find: /^@countersign\/([a-z]+)\/config$/, replacement: source('./packages/$1/src/config.ts') },
      { find: /^@countersign\/([a-z]+)$/, replacement: source('./packages/$1/src/index.ts') },
    ],
  },
  test: {
    // What takes minutes has a suite of its own: `npm run test:long`.
    include:
      mode === 'long' ? ['test/long/**/*.long.ts'] : ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: mode === 'long' ? 20 * 60_000 : 20_000,
    hookTimeout: 60_000,
  },
}));
