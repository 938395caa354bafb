import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Word } from '../../../src/management/call.js';
import { outputOf, remoteCall } from '../../../src/management/remote-call.js';
import { temporaryDirectory } from '../daemon/temporary-directory.js';

/** What a host's login shell does with a call. */
function carryOut(words: readonly Word[], files: readonly Uint8Array[], script: string, cut = 0, shell = 'dash') {
  const directory = join(temporaryDirectory(), 'a directory');
  mkdirSync(directory);
  const program = join(directory, "the host's program");
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  mkdirSync(join(directory, 'bin'));
  symlinkSync(`/bin/${shell}`, join(directory, 'bin/sh'));
  const { command, input } = remoteCall(program, words, files);
  const sent = Buffer.concat(input);
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', command], {
    input: sent.subarray(0, sent.length - cut),
    env: { PATH: `${join(directory, 'bin')}:${process.env.PATH}`, TMPDIR: directory },
  });
  const remaining = () => readdirSync(directory).filter((name) => name !== "the host's program" && name !== 'bin');
  // Files are removed in the background.
  spawnSync('sh', [
    '-c',
    'for try in $(seq 100); do ls "$0"/cs-extnet-* >/dev/null 2>&1 || exit 0; sleep 0.05; done',
    directory,
  ]);
  const left = remaining();
  return { status, output: outputOf(stdout)?.toString(), stderr: stderr.toString(), left };
}

const telling = '#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done\n';

describe('a call on its host', () => {
  it('has every argument byte for byte', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 8 }), (texts) => {
        const words = texts.map((text) => text.replaceAll('\0', ''));
        expect(carryOut(words, [], telling)).toMatchObject({
          status: 0,
          output: words.map((word) => `${word}\0`).join(''),
          left: [],
        });
      }),
      { numRuns: 15 },
    );
  });

  it.each(['dash', 'bash'])('has line ends, quotes and what a shell would expand, by %s', (shell) => {
    const words = [
      '\n',
      'a\n\nb\n',
      "it's",
      '$(id)`id`$HOME\\',
      '-n',
      '',
      ' \t\r',
      '"$newline"',
      '!!',
      '*',
      'ä\u0081\u0088',
    ];
    expect(carryOut(words, [], telling, 0, shell).output).toBe(words.map((word) => `${word}\0`).join(''));
  });

  it('has its files, readable for nobody else, until it has ended', () => {
    const mask = execFileSync('sh', ['-c', 'umask'], { encoding: 'utf8' });
    const line = ' -n "a" \\c $(id) ';
    const files = [[0, 255, 10, 13], '', 'x'.repeat(300_000), line].map((content) => Buffer.from(content as string));
    const script = '#!/bin/sh\nstat -c "%a %s" "$@"; od -An -tx1 "$1"; cat "$4"; umask';
    const { output, left } = carryOut([{ file: 1 }, { file: 2 }, { file: 3 }, { file: 4 }], files, script);
    expect(output).toBe(`600 4\n600 0\n600 300000\n600 ${line.length}\n 00 ff 0a 0d\n${line}${mask}`);
    expect(left).toEqual([]);
  });

  it.each([0, 1, 3, 254])('ends as the program does: %i', (code) => {
    const script = `#!/bin/sh\necho out; echo err >&2; exit ${code}`;
    expect(carryOut(['x'], [Buffer.from('y')], script)).toEqual({
      status: code,
      output: 'out\n',
      stderr: 'err\n',
      left: [],
    });
  });

  it.each([[], [Buffer.from('y')]])("ends as the program does, also with the code that is ssh's own", (...files) => {
    expect(carryOut(['x'], files, '#!/bin/sh\nexit 255').status).toBe(255);
  });

  it('needs no process beside the program when it has no files', () => {
    const parent = '#!/bin/sh\ncat /proc/$PPID/comm';
    expect(carryOut(['x'], [Buffer.from('y')], parent).output).toBe('sh\n');
    expect(carryOut(['x'], [], parent).output).not.toBe('sh\n');
  });

  it('leaves nothing when the program is killed', () => {
    expect(carryOut([{ file: 1 }], [Buffer.from('y')], '#!/bin/sh\nkill -9 $$')).toMatchObject({
      status: 137,
      left: [],
    });
  });

  it.each([1, 5, 25, 40])('is not begun when the last %i bytes are missing', (cut) => {
    const witness = join(temporaryDirectory(), 'witness');
    const result = carryOut(['x', { file: 1 }], [Buffer.from('yyyyyyyyyy')], `#!/bin/sh\ntouch ${witness}`, cut);
    expect(result).toMatchObject({ status: 1, output: undefined, left: [] });
    expect(existsSync(witness)).toBe(false);
  });

  it('has nothing to read', () => {
    expect(carryOut(['x'], [], '#!/bin/sh\ncat').output).toBe('');
  });

  it('tells what a login shell prints from what the program prints', () => {
    expect(outputOf(Buffer.from('welcome\n'))).toBeUndefined();
    expect(outputOf(Buffer.from('welcome\ncloudstack-netns: started\n{}\n'))?.toString()).toBe('{}\n');
  });
});
