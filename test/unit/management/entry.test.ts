import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostProgram, runEntry } from '../../../src/management/entry.js';
import { writeLog } from '../../../src/management/entry-log.js';
import { temporaryDirectory } from '../daemon/temporary-directory.js';

describe("the log of the management server's program", () => {
  it('is the one of the extension, or where the shell program writes', () => {
    const directory = temporaryDirectory();
    const directories = { usual: join(directory, 'usual'), fallback: join(directory, 'fallback') };
    writeLog('net', 'one\n', directories);
    writeLog('net', 'two\n', directories);
    expect(readFileSync(join(directories.fallback, 'net.log'), 'utf8')).toBe('one\ntwo\n');
    mkdirSync(join(directories.usual, 'net'), { recursive: true });
    writeLog('net', 'three\n', directories);
    expect(readFileSync(join(directories.usual, 'net/net.log'), 'utf8')).toBe('three\n');
  });

  it('is no reason to fail', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'file'), '');
    const places = { usual: join(directory, 'file'), fallback: join(directory, 'file') };
    expect(() => writeLog('net', 'one\n', places)).not.toThrow();
    expect(existsSync(join(directory, 'file/net.log'))).toBe(false);
  });
});

describe("the management server's program", () => {
  const run = async (argv: readonly string[], program = '/e/net/net.sh') => {
    const lines: string[] = [];
    const { exitCode, stdout, stderr } = await runEntry(argv, {
      program,
      variables: {},
      writeLog: (extension, text) => void lines.push(`${extension}: ${text}`),
    });
    return { exitCode, stdout: stdout.toString(), stderr: stderr.toString(), log: lines.join('') };
  };

  it('calls the program of its own name on the host', () => {
    expect(hostProgram('/usr/share/cloudstack-management/extensions/ext/entry.sh')).toBe(
      '/etc/cloudstack/extensions/ext/entry-wrapper.sh',
    );
  });

  it('says in one line what is wrong, and logs it', async () => {
    const { exitCode, stdout, stderr, log } = await run(['assign-ip', '--network-id', '42']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^cloudstack-netns: assign-ip: no host: expected .*\n$/);
    expect(log).toMatch(/^net: \S+ assign-ip network=42 exit=1 [\d.]+ms error="cloudstack-netns: assign-ip: no host/);
  });

  it('says nothing from ensure-network-device, and logs why', async () => {
    const result = await run(['ensure-network-device', '--vpc-id', '7']);
    expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: '' });
    expect(result.log).toContain('vpc=7 exit=1');
    expect(result.log).toContain('no hosts');
  });

  it('answers also where its place names no extension', async () => {
    expect(await run(['assign-ip'], '/net.sh')).toMatchObject({ exitCode: 1, stdout: '' });
  });
});
