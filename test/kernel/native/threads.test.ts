import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { scratchName } from './scratch.js';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

it('serves four worker threads at once and survives the end of 200 in the middle of their requests', async () => {
  const addon = here('../../../build/Release/cloudstack-netns.node');
  const { stdout } = await promisify(execFile)(process.execPath, [
    here('threads-main.mjs'),
    addon,
    scratchName(),
    '200',
  ]);
  expect(stdout).toBe('at once\nended\n');
}, 120_000);
