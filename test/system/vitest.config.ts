import { defineConfig } from 'vitest/config';
import { timeFactor } from '../host/patience.js';

// The tests that need root: each file makes a test host (namespaces of its own) and works through the installed client.
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    include: ['test/host/**/*.test.ts', 'test/system/**/*.test.ts'],
    testTimeout: 30_000 * timeFactor,
    hookTimeout: 30_000 * timeFactor,
    // Two processors on the build machine and in CI; a packet test that has to wait for one is a slow one.
    maxWorkers: 2,
    pool: 'forks',
  },
});
