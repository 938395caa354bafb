import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExpectedFailures } from './expected-failures.js';
import type { PlayedCall } from './replay.js';

const list = {
  about: 'for this test',
  missingCommands: { 'brew-tea': 'not written yet' },
  calls: [{ file: 'a.json', index: 3, command: 'assign-ip', why: 'known' }],
};

function played(index: number, command: string, problems: readonly string[], commandMissing = false): PlayedCall {
  return {
    index,
    call: { step: '', argv: [command], expect: { exit: 0, stdout: 'empty' } },
    outcome: { exit: problems.length, stdout: '', stderr: '', milliseconds: 1, heldOpen: false, timedOut: false },
    problems,
    commandMissing,
  };
}

describe('the list of expected failures can only shrink', () => {
  let directory: string;
  let failures: ExpectedFailures;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'expected-failures-'));
    const file = join(directory, 'list.json');
    await writeFile(file, JSON.stringify(list));
    failures = await ExpectedFailures.read(file);
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('a call that is not listed must pass', () => {
    expect(failures.complaints('a.json', played(1, 'assign-ip', []))).toEqual([]);
    expect(failures.complaints('a.json', played(1, 'assign-ip', ['wrong']))).toEqual(['wrong']);
    expect(failures.complaints('b.json', played(3, 'assign-ip', ['wrong']))).toEqual(['wrong']);
  });

  test('a listed call must fail', () => {
    expect(failures.complaints('a.json', played(3, 'assign-ip', ['wrong']))).toEqual([]);
    expect(failures.complaints('a.json', played(3, 'assign-ip', []))).toEqual([expect.stringContaining('take it off')]);
    expect(failures.complaints('a.json', played(3, 'release-ip', ['wrong']))).toEqual([
      expect.stringContaining('is listed as assign-ip'),
    ]);
  });

  test('a missing command must be refused as unknown, not just fail', () => {
    expect(failures.complaints('a.json', played(1, 'brew-tea', ['exit 1'], true))).toEqual([]);
    expect(failures.complaints('a.json', played(1, 'brew-tea', ['exit 1']))).toEqual([
      expect.stringContaining('take it off'),
    ]);
    expect(failures.complaints('a.json', played(1, 'brew-tea', []))).toEqual([expect.stringContaining('take it off')]);
  });
});
