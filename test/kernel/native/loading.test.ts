import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAddon } from '../../../src/kernel/native.js';

const built = fileURLToPath(new URL('../../../build/Release/cloudstack-netns.node', import.meta.url));
const target = `${process.platform}-${process.arch}`;
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'loading-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('the addon is found', () => {
  it.each([
    ['beside the bundle', '.', 'cloudstack-netns.node'],
    ['in build/Release beside it', '.', 'build/Release/cloudstack-netns.node'],
    ['in prebuilds beside it', '.', `prebuilds/${target}/cloudstack-netns.node`],
    ['in prebuilds above it', 'bin', `prebuilds/${target}/cloudstack-netns.node`],
    ['in prebuilds two above it', 'dist/kernel', `prebuilds/${target}/cloudstack-netns.node`],
  ])('%s', (_, here, file) => {
    mkdirSync(join(directory, here), { recursive: true });
    mkdirSync(join(directory, file, '..'), { recursive: true });
    copyFileSync(built, join(directory, file));
    expect(loadAddon(join(directory, here)).isNamespace('/proc/self/ns/net')).toBe(true);
  });

  it('or the error says where it was looked for and what to do', () => {
    writeFileSync(join(directory, 'cloudstack-netns.node'), 'no library');
    expect(() => loadAddon(directory)).toThrow(/node-gyp rebuild.*cloudstack-netns\.node: /s);
  });
});
