import { defineConfig } from 'vitest/config';
import { timeFactor } from '../host/patience.js';

/**
 * Tests of programs and of text: what they say is the same on every kernel, and the emulated processor would take minutes for each. What
 * is left is about links, addresses, rules and packets.
 */
const ofPrograms = [
  'bad-input',
  'balancing/balancing',
  'balancing/failures',
  'baseline',
  'batch',
  'custom-action',
  'dhcp',
  'dns',
  'dry-run',
  'exec',
  'half-built',
  'hostile-guests',
  'install',
  'ipv6',
  'management/entry',
  'management/commands',
  'management/replay-gen1',
  'management/replay-gen2',
  'metadata-clients',
  'names',
  'password-clients',
  'policy-routing',
  'payload',
  'restore',
  'service-failures',
  'services-killed',
  'take-over-servers',
  'trace',
  'user-data',
  'vpcctl',
  'vpcctl-tutorial',
];

// The system tests inside the VM (scripts/vm-test), on a stock distribution kernel with 802.1Q.
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  // Nothing is kept from one VM to the next.
  cacheDir: '/tmp/vitest',
  test: {
    exclude: ['test/host/harness.test.ts', ...ofPrograms.map((name) => `test/system/${name}.test.ts`)],
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
