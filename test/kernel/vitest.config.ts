import { defineConfig } from 'vitest/config';
import { timeFactor } from '../host/patience.js';

// The kernel layer against a real kernel, with `ip` and `nft` as oracles. Needs root: each test makes namespaces of its own.
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    include: ['test/kernel/**/*.test.ts'],
    testTimeout: 20_000 * timeFactor,
    hookTimeout: 20_000 * timeFactor,
    maxWorkers: 2,
    pool: 'forks',
  },
});
