import { defineConfig } from 'vitest/config';
import { timeFactor } from '../host/patience.js';

// The system tests inside the VM (scripts/vm-test), on a stock distribution kernel with 802.1Q.
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  // Nothing is kept from one VM to the next.
  cacheDir: '/tmp/vitest',
  test: {
    include: ['test/vm/**/*.test.ts', 'test/host/**/*.test.ts', 'test/system/**/*.test.ts'],
    testTimeout: 30_000 * timeFactor,
    hookTimeout: 30_000 * timeFactor,
    maxWorkers: 2,
    pool: 'forks',
    // One process for many files: the start of one, with its imports, takes three seconds here.
    isolate: false,
    reporters: ['verbose'],
  },
});
