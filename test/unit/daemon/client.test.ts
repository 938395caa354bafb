import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { encodeReply } from '../../../src/daemon/wire.js';
import { ClientBench } from './client-bench.js';

const bench = new ClientBench();

beforeAll(() => bench.build());
afterEach(async () => {
  await bench.endDaemons();
  bench.reset();
});
afterAll(() => bench.dispose());

/** A stand-in for the daemon that does to each connection what the test says. */
async function fakeDaemon(answer: (socket: Socket, count: number) => void): Promise<Server> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket, ++count));
  });
  server.listen(bench.socketPath);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return server;
}

/** linux/capability.h */
const CAP_SYS_RESOURCE = 24n;

describe('a call', () => {
  it('carries program, directory, arguments, the two variables and when it began; nothing else', async () => {
    const words = ['say-invocation', '--network-id', '42', '', 'zwei Wörter\n', '{"a":"\\u003c"}'];
    const before = process.hrtime.bigint();
    const { stdout } = await bench.call(words, {
      cwd: '/usr',
      env: { CS_PHYSICAL_NETWORK_EXTENSION_DETAILS: '{"hosts":"a"}', CS_NETWORK_EXTENSION_DETAILS: '', SECRET: 'x' },
    });
    const started = expect.stringMatching(/^\d{1,20}$/);
    const invocation = JSON.parse(stdout);
    expect(invocation).toEqual({
      program: bench.client,
      directory: '/usr',
      arguments: words,
      environment: {
        CS_PHYSICAL_NETWORK_EXTENSION_DETAILS: '{"hosts":"a"}',
        CS_NETWORK_EXTENSION_DETAILS: '',
        CLOUDSTACK_NETNS_STARTED: started,
      },
    });
    // The clock is the daemon's own.
    const began = BigInt(invocation.environment.CLOUDSTACK_NETNS_STARTED);
    expect(began > before && began < process.hrtime.bigint()).toBe(true);
  });

  it('names the program by the path it was started by, whatever argv[0] says and wherever a link leads', async () => {
    const link = join(bench.base, 'other-wrapper.sh');
    symlinkSync(bench.client, link);
    onTestFinished(() => rmSync(link));
    const { stdout } = await bench.call(['say-invocation'], { cwd: bench.base, argv0: 'nonsense' });
    expect(JSON.parse(stdout).program).toBe(bench.client);
    const child = spawn('./other-wrapper.sh', ['say-invocation'], {
      cwd: bench.base,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pieces = await child.stdout.toArray();
    expect(JSON.parse(pieces.join('')).program).toBe(link);
  });

  it('brings back stdout, stderr and exit code, of any size', async () => {
    const size = 20_000_000;
    const result = await bench.call(['fill', String(size)], { maxBuffer: size + 1 });
    expect(result.exitCode).toBe(3);
    expect(result.stdout).toHaveLength(size);
    expect(result.stderr).toHaveLength(size);
  });

  it('takes the longest command lines there are', async () => {
    const words = ['say-invocation', ...Array.from({ length: 14 }, (_, index) => String(index % 10).repeat(130_000))];
    const { stdout } = await bench.call(words);
    expect(JSON.parse(stdout).arguments).toEqual(words);
  });

  it('fails with the message of a failed command', async () => {
    const result = await bench.call(['throw', 'bridge br0 is busy']);
    expect(result).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: 'cloudstack-netns: cannot do it: bridge br0 is busy\n',
    });
  });

  it('fails when its output cannot be written, but still ends', async () => {
    await bench.call(['warm-up']);
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(bench.client, ['say-invocation'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(status).toBe(1);
    expect(stderr).toContain('its output could not be written');
  });
});

describe('no daemon', () => {
  it('is started: in its own session, with nothing of the caller', async () => {
    // execa returns when nobody holds the pipes any more, as sshd does; the daemon lives on.
    const { stdout } = await bench.call(['hello'], { env: { LEAKED: '1' } });
    const pid = Number(stdout);
    expect(bench.daemons()).toEqual([pid]);
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    expect(Number(status[3])).toBe(pid);
    expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain('LEAKED');
    expect(readFileSync(`/proc/${pid}/status`, 'latin1')).toMatch(/^Umask:\s+0077$/m);
    expect(statSync(bench.socketPath).mode & 0o777).toBe(0o600);
  });

  it('has one arena for malloc, and as many descriptors as in the systemd unit where root may have them', async () => {
    const { stdout } = await bench.call(['hello']);
    const of = (file: string, process = stdout.trim()) => readFileSync(`/proc/${process}/${file}`, 'latin1');
    expect(of('environ').split('\0')).toContain('MALLOC_ARENA_MAX=1');
    const hardLimit = (text: string) => Number(/^Max open files\s+\d+\s+(\d+)/m.exec(text)?.[1]);
    const capabilities = BigInt(`0x${/^CapEff:\s+([0-9a-f]+)$/m.exec(of('status', 'self'))?.[1]}`);
    const mayRaise = (capabilities & (1n << CAP_SYS_RESOURCE)) !== 0n;
    expect(hardLimit(of('limits'))).toBe(mayRaise ? 1_048_576 : hardLimit(of('limits', 'self')));
  });

  it('is started once by 50 clients at the same moment', async () => {
    rmSync(join(bench.base, 'run'), { recursive: true });
    const results = await Promise.all(Array.from({ length: 50 }, () => bench.call(['hello'])));
    expect(results.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
      Array.from({ length: 50 }, () => ({ exitCode: 0, stderr: '' })),
    );
    expect(bench.daemons()).toHaveLength(1);
    expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1);
  }, 30_000);

  it('is started again after a crash left its socket behind', async () => {
    await bench.call(['hello']);
    await bench.endDaemons('SIGKILL');
    expect(existsSync(bench.socketPath)).toBe(true);
    expect((await bench.call(['hello'])).exitCode).toBe(0);
    expect(bench.daemons()).toHaveLength(2);
  });

  it('and a program that is not there: says which file, and that nothing happened', async () => {
    rmSync(bench.node);
    expect(await bench.call(['hello'])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: `cloudstack-netns: cannot start the daemon: ${bench.node}: No such file or directory (install it with 'cloudstack-netns install'); nothing was changed\n`,
    });
  });

  it('and a program that cannot be executed', async () => {
    rmSync(bench.node);
    writeFileSync(bench.node, 'no program', { mode: 0o755 });
    expect(await bench.call(['hello'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/node: Exec format error;/),
    });
  });

  it('and one that fails at start: says why', async () => {
    writeFileSync(bench.script, 'throw new Error("the kernel has no nf_tables");');
    expect(await bench.call(['hello'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^cloudstack-netns: the daemon could not start: .*the kernel has no nf_tables.*; nothing was changed\n$/,
      ),
    });
  });
});

describe('a daemon that goes away', () => {
  it('in the middle of a command: once more, with a new daemon', async () => {
    await bench.call(['hello']);
    const first = bench.daemon();
    const result = await bench.call(['die-if-first', String(first)]);
    expect(result).toMatchObject({ exitCode: 0, stdout: `pid ${bench.daemon()}` });
    expect(bench.daemons()).toHaveLength(2);
  });

  it('every time: the outcome is unknown', async () => {
    expect(await bench.call(['die'])).toMatchObject({
      exitCode: 1,
      stderr:
        'cloudstack-netns: the daemon closed the connection twice without an answer; the outcome is unknown, repeating the command is safe\n',
    });
    expect(bench.daemons()).toHaveLength(2);
  });

  it('before it took the call: tries again until it is taken', async () => {
    let refused = 0;
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      if (refused++ < 5) socket.destroy();
      else socket.end(encodeReply({ exitCode: 7, stdout: 'x', stderr: '' }));
    }).listen(bench.socketPath);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    expect(await bench.call(['hello'])).toMatchObject({ exitCode: 7, stdout: 'x' });
  });

  it('before it answered: one more attempt', async () => {
    await fakeDaemon((socket, count) =>
      count === 1 ? socket.destroy() : socket.end(encodeReply({ exitCode: 7, stdout: 'x', stderr: '' })),
    );
    expect(await bench.call(['hello'])).toMatchObject({ exitCode: 7, stdout: 'x' });
  });

  it.each([1, 5, 9, 14])('after %i bytes of its answer: the outcome is unknown', async (length) => {
    let calls = 0;
    await fakeDaemon((socket) => {
      calls++;
      socket.end(encodeReply({ exitCode: 0, stdout: 'hello', stderr: '' }).subarray(0, length));
    });
    expect(await bench.call(['hello'])).toMatchObject({
      exitCode: 1,
      stderr:
        'cloudstack-netns: the connection to the daemon was lost during its answer; the outcome is unknown, repeating the command is safe\n',
    });
    expect(calls).toBe(1);
  });

  it('leaving an answer of another version', async () => {
    await fakeDaemon((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await bench.call(['hello'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('is not understood'),
    });
  });

  it('having refused before it read everything: the refusal arrives', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(encodeReply({ exitCode: 1, stdout: '', stderr: 'refused\n' }));
      socket.destroySoon();
    }).listen(bench.socketPath);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const result = await bench.call(Array.from({ length: 12 }, () => 'x'.repeat(130_000)));
    expect(result).toMatchObject({ exitCode: 1, stderr: 'refused\n' });
  });
});

describe('SIGTERM', () => {
  it('lets running commands finish; the next call gets a new daemon', async () => {
    await bench.call(['hello']);
    const first = bench.daemon();
    const running = bench.call(['wait', '400']);
    await sleep(100);
    process.kill(first, 'SIGTERM');
    await sleep(50);
    expect(existsSync(bench.socketPath)).toBe(false);
    const [waited, next] = await Promise.all([running, bench.call(['hello'])]);
    expect(waited).toMatchObject({ exitCode: 0, stdout: 'waited 400' });
    expect(next).toMatchObject({ exitCode: 0, stderr: '' });
    await bench.gone(first);
    expect(bench.daemons()).toEqual([first, Number(next.stdout)]);
    expect(readFileSync(join(bench.base, 'log', 'net', 'net.log'), 'utf8')).toMatch(/ wait exit=0 /);
  });

  it('at any moment under load costs no call', async () => {
    await bench.call(['hello']);
    let failed: unknown;
    const client = async () => {
      for (let turn = 0; turn < 25; turn++) {
        const result = await bench.call(['hello']);
        if (result.exitCode !== 0) failed = result;
      }
    };
    const clients = Promise.all(Array.from({ length: 6 }, client));
    for (let turn = 0; turn < 3; turn++) {
      await sleep(150);
      await bench.endDaemons('SIGTERM');
    }
    await clients;
    expect(failed).toBeUndefined();
  }, 30_000);
});

describe('a daemon that is stopped while it starts', () => {
  /** Ends in order at once for so many times, as one does that is asked to. */
  const stopping = (times: number) => {
    const started = join(bench.base, 'stopped');
    rmSync(started, { force: true });
    rmSync(bench.node);
    const text = [
      '#!/bin/sh',
      `echo x >> '${started}'`,
      `[ "$(wc -l < '${started}')" -le ${times} ] && exit 0`,
      `exec '${process.execPath}' "$@"`,
    ];
    writeFileSync(bench.node, `${text.join('\n')}\n`, { mode: 0o755 });
    return () => readFileSync(started, 'utf8').split('\n').length - 1;
  };

  it('costs no call: another one is started', async () => {
    const count = stopping(2);
    expect(await bench.call(['hello'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(count()).toBe(3);
  });

  it('is given up after some', async () => {
    const count = stopping(1_000);
    const { exitCode, stderr } = await bench.call(['hello']);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('the daemon ended with exit code 0 while starting');
    expect(count()).toBe(4);
  });
});

describe('daemons started by hand', () => {
  it('at the same moment: one stays, the others say so', async () => {
    const runs = Array.from({ length: 5 }, () => {
      const child = spawn(bench.node, [bench.script, 'daemon'], { stdio: ['ignore', 'ignore', 'pipe'] });
      let text = '';
      child.stderr.on('data', (piece: Buffer) => {
        text += piece;
      });
      return { pid: child.pid, ended: once(child, 'close').then(([code]) => ({ code, text })) };
    });
    let left = runs.length;
    for (const { ended } of runs) void ended.then(() => left--);
    for (let turn = 0; left > 1 && turn < 1000; turn++) await sleep(10);

    const winner = Number((await bench.call(['hello'])).stdout);
    const losers = await Promise.all(runs.filter(({ pid }) => pid !== winner).map(({ ended }) => ended));
    expect(losers).toHaveLength(4);
    for (const { code, text } of losers) {
      expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining('another daemon answers') });
    }
    process.kill(winner, 'SIGINT');
    expect(await runs.find(({ pid }) => pid === winner)?.ended).toMatchObject({ code: 0, text: '' });
  }, 20_000);

  it('by systemd: serves the socket it was passed, and leaves it', async () => {
    const holder = createServer().listen(bench.socketPath);
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const descriptor = Number(Reflect.get(Reflect.get(holder, '_handle'), 'fd'));
    const child = spawn('/bin/sh', ['-c', `LISTEN_PID=$$ LISTEN_FDS=1 exec ${bench.node} ${bench.script} daemon`], {
      stdio: ['ignore', 'ignore', 'inherit', descriptor],
    });
    // The holder must not take connections itself, as systemd does not while the service runs.
    const ended = once(child, 'exit');
    holder.on('connection', (socket) => socket.destroy());
    for (let turn = 0; bench.daemons().length === 0 && turn < 200; turn++) await sleep(10);
    expect(bench.daemons()).toEqual([child.pid]);
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    expect(existsSync(bench.socketPath)).toBe(true);
  });
});
