import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

// What takes minutes: `npx vitest run --config vitest.long.config.ts`.
// biome-ignore lint/style/noDefaultExport: vitest reads its configuration as the default export.
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/long/**/*.long.ts'], testTimeout: 20 * 60_000 },
});
