import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandLog, logLines } from '../../../src/daemon/command-log.js';
import { temporaryDirectory } from './temporary-directory.js';

const program = '/etc/cloudstack/extensions/net/net-wrapper.sh';
const call = (...words: string[]) => ({ program, arguments: words, environment: {}, directory: '/' });
const done = { exitCode: 0, stdout: '', stderr: '' };
const time = '2026-01-02T03:04:05.678Z';

describe('logLines', () => {
  it('says what, about what, how it ended and how long it took', () => {
    expect(logLines(time, call('assign-ip', '--network-id', '42', '--vpc-id', '7'), done, 3.21)).toBe(
      '2026-01-02T03:04:05.678Z assign-ip network=42 vpc=7 exit=0 3.2ms\n',
    );
  });

  it('prefers what the handler says it was about', () => {
    const result = { ...done, subject: 'network=9' };
    expect(logLines(time, call('assign-ip', '/tmp/payload', '60'), result, 0)).toContain(
      ' assign-ip network=9 exit=0 ',
    );
  });

  it('gives each note a line of its own', () => {
    const result = { ...done, notes: ['the bridge was down', 'two\nlines'] };
    expect(logLines(time, call('implement-network'), result, 1)).toBe(
      [
        '2026-01-02T03:04:05.678Z implement-network exit=0 1.0ms\n',
        '2026-01-02T03:04:05.678Z implement-network note="the bridge was down"\n',
        '2026-01-02T03:04:05.678Z implement-network note="two\\nlines"\n',
      ].join(''),
    );
  });

  it('shows nothing else of the call, and nothing that could forge a line', () => {
    const line = logLines(
      time,
      call(
        'x\n2026 forged',
        '--password',
        'hunter2',
        '--network-id',
        '4\n2',
        '--physical-network-extension-details',
        '{"password":"s"}',
      ),
      { exitCode: 1, stdout: 'secret', stderr: 'first\nsecond\n' },
      1,
    );
    expect(line).toBe('2026-01-02T03:04:05.678Z (unknown command) exit=1 1.0ms error="first\\nsecond"\n');
  });
});

describe('CommandLog', () => {
  it("writes to the extension's file, through rotation and a removed directory", async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'net', 'net.log');
    const log = new CommandLog(directory);
    const record = async (command: string) => {
      log.record(call(command), done, 1);
      await log.flush();
    };

    await record('first');
    await record('second');
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
    renameSync(file, `${file}.1`);
    await record('third');
    expect(readFileSync(file, 'utf8')).toMatch(/^\S+ third exit=0 1.0ms\n$/);
    rmSync(join(directory, 'net'), { recursive: true });
    await record('fourth');
    expect(readFileSync(file, 'utf8')).toMatch(/^\S+ fourth /);
  });

  it('keeps the order of commands that come together, and flush waits for the last', async () => {
    const directory = temporaryDirectory();
    const log = new CommandLog(directory);
    for (let index = 0; index < 100; index++) log.record(call(`c${index}`), done, 1);
    await new Promise((resolve) => setImmediate(resolve));
    for (let index = 100; index < 200; index++) log.record(call(`c${index}`), done, 1);
    await log.flush();
    const names = readFileSync(join(directory, 'net', 'net.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[1]);
    expect(names).toEqual(Array.from({ length: 200 }, (_, index) => `c${index}`));
  });

  it('goes on when it cannot write', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'net'), 'a file where the directory should be');
    const log = new CommandLog(directory);
    log.record(call('assign-ip'), done, 1);
    await expect(log.flush()).resolves.toBeUndefined();
  });

  it('logs calls of programs that lie nowhere usable', async () => {
    const directory = temporaryDirectory();
    const log = new CommandLog(directory);
    log.record({ ...call('assign-ip'), program: '/wrapper.sh' }, done, 1);
    await log.flush();
    expect(readFileSync(join(directory, 'cloudstack-netns', 'cloudstack-netns.log'), 'utf8')).toContain('assign-ip');
  });
});
