import { defineConfig } from 'vitest/config';
import { timeFactor } from './test/host/patience.js';

// The unit level. Property tests take seconds, and more on a machine that has other things to do.
export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts'],
    testTimeout: 30_000 * timeFactor,
    hookTimeout: 30_000 * timeFactor,
  },
});
