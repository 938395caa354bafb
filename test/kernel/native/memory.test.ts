import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { collect } from '../../../src/daemon/rest.js';
import { native } from '../../../src/kernel/native.js';

/** Memory of this process, in KiB. */
const resident = () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

test('what was freed between blocks that are in use goes back to the kernel', async () => {
  const blocks = Array.from({ length: 4_000 }, () => Buffer.allocUnsafeSlow(24 * 1024).fill(1));
  const kept = blocks.filter((_, index) => index % 100 === 99);
  const before = resident();
  blocks.length = 0;
  await collect();
  await vi.waitFor(() => {
    // The engine may still be freeing.
    native.trimMemory();
    expect(before - resident()).toBeGreaterThan(70_000);
  });
  expect(kept).toHaveLength(40);
});
