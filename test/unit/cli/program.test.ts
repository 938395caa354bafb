import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeStatus } from '../../../src/cli/run-status.js';
import { ClientBench } from '../daemon/client-bench.js';

const bench = new ClientBench();

beforeAll(() => bench.build());
afterEach(async () => {
  await bench.endDaemons();
  bench.reset();
});
afterAll(() => bench.dispose());

const run = (words: string[], env: Record<string, string> = {}) =>
  execa(bench.node, [bench.script, ...words], { reject: false, stripFinalNewline: false, env });

describe('exec', () => {
  it('carries out one command without a daemon, as the wrapper would', async () => {
    const result = await run(['exec', '--name', 'net', '--', 'say-invocation', '--name', 'x', '--help', '-v'], {
      CS_NETWORK_EXTENSION_DETAILS: '{}',
    });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toEqual({
      program: '/etc/cloudstack/extensions/net/net-wrapper.sh',
      arguments: ['say-invocation', '--name', 'x', '--help', '-v'],
      environment: { CS_NETWORK_EXTENSION_DETAILS: '{}' },
      directory: process.cwd(),
    });
    expect(existsSync(bench.socketPath)).toBe(false);
    expect(readFileSync(join(bench.base, 'log/net/net.log'), 'utf8')).toMatch(/ say-invocation exit=0 /);
  });

  it('needs no dashes, and has a name of its own', async () => {
    const { stdout } = await run(['exec', 'say-invocation', '--network-id', '4']);
    expect(JSON.parse(stdout)).toMatchObject({
      program: '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh',
      arguments: ['say-invocation', '--network-id', '4'],
    });
  });

  it("brings the command's output and exit code, whole", async () => {
    const result = await run(['exec', '--', 'fill', '3000000']);
    expect(result.exitCode).toBe(3);
    expect([result.stdout.length, result.stderr.length]).toEqual([3_000_000, 3_000_000]);
  });

  it('fails in one line', async () => {
    expect(await run(['exec', '--', 'throw', 'no'])).toMatchObject({
      exitCode: 1,
      stderr: 'cloudstack-netns: cannot do it: no\n',
    });
    expect(await run(['exec', '--name', '../etc', '--', 'hello'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^cloudstack-netns: --name "\.\.\/etc": expected [^\n]*\n$/),
    });
  });
});

describe('status', () => {
  it('tells that no daemon runs, and starts none', async () => {
    expect(await run(['status'])).toMatchObject({
      exitCode: 1,
      stderr: `cloudstack-netns: no daemon listens on ${bench.socketPath}\n`,
    });
    expect(bench.daemons()).toEqual([]);
  });

  it('shows what the daemon says', async () => {
    const { stdout: pid } = await bench.call(['hello']);
    const { stdout } = await run(['status']);
    expect(stdout).toContain('version      1.2.3\n');
    expect(stdout).toContain(`pid          ${pid}`);
    expect(stdout).toContain('commands     1 done (0 failed), 0 running\n');
    expect(stdout).toContain('capability   vlan: yes\n');
  });

  it.each([
    [59.94, '59.9 s'],
    [60 * 59, '59 min'],
    [3600 * 47 + 60, '47 h 1 min'],
    [3600 * 50, '2 days 2 h'],
  ])('writes %d seconds as %s', (uptime, expected) => {
    const commands = { done: 0, failed: 0, running: 0 };
    const status = { version: '1', pid: 1, uptime, commands, services: [], servedNetworks: 0, capabilities: {} };
    expect(describeStatus(status)).toContain(`uptime       ${expected}\n`);
  });
});

describe('daemon', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends cleanly on %s', async (signal) => {
    rmSync(join(bench.base, 'run'), { recursive: true });
    const child = spawn(bench.node, [bench.script, 'daemon'], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
    const ended = once(child, 'exit');
    for (let turn = 0; !existsSync(bench.socketPath) && turn < 500; turn++) await sleep(10);
    // Listening and answering come a moment before the signals are looked after.
    expect((await run(['status'])).exitCode).toBe(0);
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    expect((await output).flat()).toEqual([]);
    expect(existsSync(bench.socketPath)).toBe(false);
  });

  it('does not start twice', async () => {
    await bench.call(['hello']);
    expect(await run(['daemon'])).toMatchObject({
      exitCode: 1,
      stderr: `cloudstack-netns: another daemon answers on ${bench.socketPath}\n`,
    });
  });
});

it('knows its version and explains itself', async () => {
  expect((await run(['--version'])).stdout).toBe('1.2.3\n');
  expect((await run(['--help'])).stdout).toMatch(/install .*\n(.*\n)*.*uninstall/);
  expect(await run(['instal'])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('unknown command') });
});
