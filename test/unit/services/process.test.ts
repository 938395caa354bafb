import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { argumentsOf, end, isAlive, namespaceOf, processOf } from '../../../src/services/process.js';
import { readPidFile, readRecord, writeRecord } from '../../../src/services/process-record.js';
import { find } from '../../../src/services/programs.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'process-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('processes', () => {
  it('are known by number and start time', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const found = processOf(child.pid ?? 0);
    if (found === undefined) throw new Error('it lives');
    expect(isAlive(found)).toBe(true);
    expect(isAlive({ ...found, startTime: '1' })).toBe(false);
    expect(namespaceOf(found)).toEqual(namespaceOf({ pid: process.pid, startTime: '' }));
    await end({ ...found, startTime: '1' });
    expect(isAlive(found)).toBe(true);
    expect(argumentsOf(found)).toEqual(['sleep', '60']);
    await Promise.all([end(found), once(child, 'exit')]);
    expect(isAlive(found)).toBe(false);
    expect(argumentsOf(found)).toEqual([]);
    expect(namespaceOf(found)).toBeUndefined();
  });

  it('one that does not listen is ended all the same', async () => {
    const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const found = processOf(child.pid ?? 0);
    if (found === undefined) throw new Error('it lives');
    await Promise.all([end(found), once(child, 'exit')]);
    expect(isAlive(found)).toBe(false);
  }, 10_000);

  it('a record reads back; a damaged one is none', () => {
    const path = join(directory, 'x.process');
    expect(readRecord(path)).toBeUndefined();
    for (const configuration of [undefined, 'abc0']) {
      for (const former of [[], [{ pid: 4, startTime: '70' }], [3, 2].map((pid) => ({ pid, startTime: '60' }))]) {
        writeRecord(path, { pid: 5, startTime: '77', configuration, former });
        expect(readRecord(path)).toEqual({ pid: 5, startTime: '77', configuration, former });
      }
    }
    for (const text of ['', '5\n', '5 77', 'a b\n', '5 77 xyz\n', '5 77\n6 78\n', '5 77\nformer 6\n']) {
      writeFileSync(path, text);
      expect(readRecord(path), text).toBeUndefined();
    }
  });

  it('a pid file holds a number or nothing', () => {
    const path = join(directory, 'x.pid');
    expect(readPidFile(path)).toBeUndefined();
    writeFileSync(path, '123\n');
    expect(readPidFile(path)).toBe(123);
    for (const text of ['', '0', '-1', '1 2', 'x', '1\n2']) {
      writeFileSync(path, text);
      expect(readPidFile(path), text).toBeUndefined();
    }
  });

  it('a missing program is an error with the name of its package', () => {
    expect(find({ name: 'sh', package: 'dash' })).toMatch(/^\/.*\/sh$/);
    expect(() => find({ name: 'no-such-program', package: 'some-package' })).toThrow(
      'no-such-program is not installed on this host; expected the Debian package some-package',
    );
  });
});
