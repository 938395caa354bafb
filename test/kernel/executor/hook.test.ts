import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runHook } from '../../../src/executor/hook.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hooks-'));
  mkdirSync(join(root, 'hooks'), { mode: 0o700 });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const path = (name = 'a') => join(root, `hooks/custom-action-${name}.sh`);

function install(script: string, mode = 0o755, name = 'a'): void {
  writeFileSync(path(name), script);
  chmodSync(path(name), mode);
}

const run = (parameters = '{}', time?: number) => runHook(root, '42', { action: 'hook', name: 'a', parameters }, time);

describe('a hook', () => {
  it('gets its arguments as they are, nothing else, and answers with both streams', async () => {
    install(
      '#!/bin/sh\nfor one in "$@"; do echo "[$one]"; done; echo problem >&2; env; pwd; readlink /proc/self/fd/0\n',
    );
    const parameters = '{"x":"\\u003c $(reboot) `id` \'q\' \\"d\\" ü\n*"} }';
    const { exitCode, output, problem } = await run(parameters);
    expect({ exitCode, problem }).toEqual({ exitCode: 0, problem: undefined });
    // Two pipes: where the line of the one stream stands among those of the other is chance.
    expect(output).toContain('problem\n');
    const printed = output.replace('problem\n', '');
    expect(printed).toContain(`[--network-id]\n[42]\n[--action]\n[a]\n[--action-params]\n[${parameters}]\n`);
    expect(printed).toContain('\n/\n/dev/null\n');
    const environment = output.split('\n').filter((line) => /^[A-Z_]+=/.test(line));
    expect(environment.map((line) => line.split('=')[0]).filter((name) => name !== 'PWD')).toEqual(['PATH']);
  });

  it('of any kind is run: no shell is asked', async () => {
    install('#!/usr/bin/env python3\nimport sys; print(len(sys.argv))\n');
    expect((await run()).output).toBe('7\n');
  });

  it('without "#!" is a script of sh, as for a shell; its arguments stay what they are', async () => {
    install('echo "$6"\n');
    expect((await run('{"a":"$(id)"}')).output).toBe('{"a":"$(id)"}\n');
  });

  it('that fails says so, with what it printed', async () => {
    install('#!/bin/sh\necho before; echo why >&2; exit 7\n');
    const failed = await run();
    expect(failed).toMatchObject({ exitCode: 7, problem: `hook ${path()} ended with exit code 7` });
    expect(failed.output.split('\n').sort()).toEqual(['', 'before', 'why']);
    install('#!/bin/sh\necho before; kill -TERM $$\n');
    expect(await run()).toMatchObject({
      exitCode: 1,
      output: 'before\n',
      problem: `hook ${path()} was ended by SIGTERM`,
    });
  });

  it('that takes too long is ended with all it has started', async () => {
    install(`#!/bin/sh\necho begun; (sleep 2; touch ${root}/late) & sleep 60\n`);
    const begin = performance.now();
    expect(await run('{}', 300)).toMatchObject({
      exitCode: 1,
      output: 'begun\n',
      problem: expect.stringMatching(/more than 0.3 s/),
    });
    expect(performance.now() - begin).toBeLessThan(2_000);
    await setTimeout(2_200);
    expect(existsSync(join(root, 'late'))).toBe(false);
  });

  it('that leaves a process behind does not keep the caller waiting', async () => {
    install('#!/bin/sh\necho done; sleep 20 &\n');
    const begin = performance.now();
    expect(await run()).toMatchObject({ exitCode: 0, output: 'done\n' });
    expect(performance.now() - begin).toBeLessThan(3_000);
  });

  it('that prints without end is ended', async () => {
    install('#!/bin/sh\nexec yes\n');
    const { exitCode, output, problem } = await run();
    expect(exitCode).toBe(1);
    expect(output.length).toBeLessThanOrEqual(1_000_000);
    expect(problem).toMatch(/printed more than/);
  });

  it.each<[string, () => void, RegExp]>([
    ['that is not there', () => undefined, /no hook; expected .*\/hooks\/custom-action-a\.sh$/],
    [
      'without a directory for it',
      () => rmSync(join(root, 'hooks'), { recursive: true }),
      /no hook; expected .*custom-action-a\.sh$/,
    ],
    ['that is not executable', () => install('#!/bin/sh\n', 0o644), /custom-action-a\.sh is not executable$/],
    ['that its group can write', () => install('#!/bin/sh\n', 0o775), /can be written by others than root/],
    ['that anybody can write', () => install('#!/bin/sh\n', 0o757), /can be written by others than root/],
    [
      'of somebody else',
      () => {
        install('#!/bin/sh\n');
        chownSync(path(), 65534, 65534);
      },
      /belongs to user 65534; expected root/,
    ],
    [
      'that is a symbolic link',
      () => {
        install('#!/bin/sh\n', 0o755, 'b');
        symlinkSync(path('b'), path());
      },
      /is no regular file; symbolic links are not followed/,
    ],
    ['that is a directory', () => mkdirSync(path()), /is no regular file/],
    [
      'in a directory that is a symbolic link',
      () => {
        install('#!/bin/sh\n');
        renameSync(join(root, 'hooks'), join(root, 'elsewhere'));
        symlinkSync(join(root, 'elsewhere'), join(root, 'hooks'));
      },
      /hooks is no directory/,
    ],
    [
      'in a directory that others can write',
      () => {
        install('#!/bin/sh\n');
        chmodSync(join(root, 'hooks'), 0o777);
      },
      /hooks can be written by others than root/,
    ],
    [
      'in a directory of somebody else',
      () => {
        install('#!/bin/sh\n');
        chownSync(join(root, 'hooks'), 65534, 65534);
      },
      /hooks belongs to user 65534/,
    ],
    ['whose interpreter is missing', () => install('#!/no/such/interpreter\n'), /could not be started \(ENOENT\)/],
  ])('%s is refused', async (_, prepare, message) => {
    prepare();
    await expect(run()).rejects.toThrow(message);
    await expect(run()).rejects.toMatchObject({ name: 'CommandError' });
  });
});
