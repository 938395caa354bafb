import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ask } from '../../../src/daemon/ask.js';
import { NoDaemonError } from '../../../src/daemon/connect.js';
import { type Daemon, type DaemonOptions, startDaemon } from '../../../src/daemon/daemon.js';
import { carriedOut, type Handler } from '../../../src/daemon/handler.js';
import { activatedDescriptor, PlaceTakenError } from '../../../src/daemon/socket-place.js';
import { daemonStatus } from '../../../src/daemon/status.js';
import { encodeRequest } from '../../../src/daemon/wire.js';
import { handling } from './handling.js';
import { temporaryDirectory } from './temporary-directory.js';

const call = (...words: string[]) => ({
  program: '/etc/cloudstack/extensions/net/net-wrapper.sh',
  arguments: words,
  environment: {},
  directory: '/',
});
const sayCommand = handling(async ({ arguments: [command] }) => ({ exitCode: 0, stdout: `${command}`, stderr: '' }));

interface Bench {
  socketPath: string;
  logDirectory: string;
  start(changes?: Partial<DaemonOptions>): Promise<Daemon>;
}

function bench(): Bench {
  const directory = temporaryDirectory();
  const socketPath = join(directory, 'run', 'daemon.sock');
  const logDirectory = join(directory, 'log');
  return {
    socketPath,
    logDirectory,
    start: async (changes = {}) => {
      const daemon = await startDaemon({
        socketPath,
        logDirectory,
        version: '1.2.3',
        createHandler: async () => sayCommand,
        peerCredentials: () => ({ pid: 1, uid: 0, gid: 0 }),
        ...changes,
      });
      onTestFinished(() => daemon.stop());
      return daemon;
    },
  };
}

/** A handler whose calls end when the test says so. */
function heldHandler() {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const handler = handling(async () => {
    begin();
    await held;
    return { exitCode: 0, stdout: 'done', stderr: '' };
  });
  return { handler, begun, release };
}

describe('guests', () => {
  const serving = (handler: Handler) => {
    let serve: () => void = () => undefined;
    const served = new Promise<void>((resolve) => {
      serve = vi.fn(resolve);
    });
    return { createHandler: async () => Object.assign(handler, { serve }), serve: vi.mocked(serve), served };
  };

  it('are served when the first command has its answer, not before', async () => {
    // No time passes but what the test lets pass.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { start, socketPath } = bench();
    const { handler, begun, release } = heldHandler();
    const { createHandler, serve, served } = serving(handler);
    await start({ createHandler });
    const first = ask(socketPath, call('x'));
    await begun;
    await ask(socketPath, call('--status'));
    expect(serve).not.toHaveBeenCalled();
    release();
    await Promise.all([first, served]);
  });

  it('are served soon when there is no command', async () => {
    const { start } = bench();
    const { createHandler, served } = serving(handling(async () => ({ exitCode: 0, stdout: '', stderr: '' })));
    await start({ createHandler });
    await served;
  });
});

describe('answers', () => {
  it('carries calls to the handler and results back', async () => {
    const { start, socketPath } = bench();
    await start();
    expect(await ask(socketPath, call('assign-ip'))).toEqual({ exitCode: 0, stdout: 'assign-ip', stderr: '' });
  });

  it('runs calls at the same time', async () => {
    const { start, socketPath } = bench();
    let together = 0;
    let most = 0;
    const handler = handling(async () => {
      most = Math.max(most, ++together);
      await new Promise((resolve) => setTimeout(resolve, 50));
      together--;
      return { exitCode: 0, stdout: '', stderr: '' };
    });
    const createHandler = async () => handler;
    await start({ createHandler });
    await Promise.all(Array.from({ length: 20 }, () => ask(socketPath, call('x'))));
    expect(most).toBe(20);
  });

  it('makes exit 1 and one line of an exception, and logs it', async () => {
    const { start, socketPath, logDirectory } = bench();
    const daemon = await start({
      createHandler: async () =>
        handling(async () => {
          throw new Error('no such bridge\n  at secret stack');
        }),
    });
    const result = await ask(socketPath, call('assign-ip', '--network-id', '5'));
    expect(result).toEqual({ exitCode: 1, stdout: '', stderr: 'cloudstack-netns: no such bridge\n' });
    await daemon.stop();
    expect(readFileSync(join(logDirectory, 'net', 'net.log'), 'utf8')).toMatch(
      / assign-ip network=5 exit=1 \d+\.\dms error="cloudstack-netns: no such bridge"\n$/,
    );
  });

  it('never repeats text that could not be parsed: it may hold a secret', async () => {
    const { start, socketPath } = bench();
    await start({ createHandler: async () => handling(async () => JSON.parse('hunter2')) });
    expect((await ask(socketPath, call('x'))).stderr).not.toContain('hunter');
  });

  it('tells its status', async () => {
    const { start, socketPath } = bench();
    await start({ capabilities: async () => ({ vlan: true, kernel: '6.1' }) });
    await ask(socketPath, call('x'));
    const status = daemonStatus.parse(JSON.parse((await ask(socketPath, call('--status'))).stdout));
    expect(status).toMatchObject({
      version: '1.2.3',
      pid: process.pid,
      commands: { done: 1, failed: 0, running: 0 },
      capabilities: { vlan: true, kernel: '6.1' },
    });
  });
});

describe('strangers', () => {
  it('refuses every user but its own', async () => {
    const { start, socketPath } = bench();
    let called = false;
    await start({
      peerCredentials: () => ({ pid: 1, uid: 1000, gid: 0 }),
      createHandler: async () =>
        handling(async () => {
          called = true;
          return { exitCode: 0, stdout: '', stderr: '' };
        }),
    });
    const result = await ask(socketPath, call('x'));
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('user 1000 may not give commands') });
    expect(called).toBe(false);
  });

  it('refuses when the kernel does not say who it is', async () => {
    const { start, socketPath } = bench();
    await start({
      peerCredentials: () => {
        throw new Error('EBADF');
      },
    });
    expect((await ask(socketPath, call('x'))).exitCode).toBe(1);
  });

  it('asks about the connection itself', async () => {
    const { start, socketPath } = bench();
    const descriptors: number[] = [];
    await start({
      peerCredentials: (descriptor) => {
        descriptors.push(descriptor);
        return { pid: 1, uid: 0, gid: 0 };
      },
    });
    await ask(socketPath, call('x'));
    expect(descriptors).toHaveLength(1);
    expect(descriptors[0]).toBeGreaterThan(2);
  });

  it.each([
    ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'does not begin with CSN1'],
    ['an announcement of 4 GB', Buffer.from('CSN1\xff\xff\xff\xff', 'latin1'), 'at most 67108864 are accepted'],
  ])('answers %s with one line and lives on', async (_, bytes, expected) => {
    const { start, socketPath } = bench();
    await start();
    const socket = connect(socketPath);
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.write(bytes);
    await once(socket, 'close');
    expect(Buffer.concat(pieces).toString('latin1')).toContain(expected);
    expect((await ask(socketPath, call('still-there'))).stdout).toBe('still-there');
  });

  it('drops a client that hangs up or falls silent in its request', async () => {
    const { start, socketPath } = bench();
    await start({ requestDeadline: 50 });
    const silent = connect(socketPath);
    silent.write(encodeRequest(call('x')).subarray(0, 20));
    await once(silent.resume(), 'close');
    const hasty = connect({ path: socketPath, allowHalfOpen: true });
    hasty.end(encodeRequest(call('x')).subarray(0, 20));
    await once(hasty.resume(), 'close');
  });

  it('finishes the command of a client that went away', async () => {
    const { start, socketPath, logDirectory } = bench();
    const { handler, begun, release } = heldHandler();
    const daemon = await start({ createHandler: async () => handler });
    const socket = connect(socketPath);
    socket.write(encodeRequest(call('assign-ip')));
    await begun;
    socket.destroy();
    release();
    await daemon.stop();
    expect(readFileSync(join(logDirectory, 'net', 'net.log'), 'utf8')).toContain(' assign-ip exit=0 ');
  });
});

describe('its place', () => {
  it('is for its owner only', async () => {
    const { start, socketPath } = bench();
    mkdirSync(join(socketPath, '..'), { mode: 0o755 });
    await start();
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(join(socketPath, '..')).mode & 0o777).toBe(0o700);
  });

  it('is not taken from a living daemon', async () => {
    const { start, socketPath } = bench();
    await start();
    let created = false;
    const second = start({
      createHandler: async () => {
        created = true;
        return sayCommand;
      },
    });
    await expect(second).rejects.toThrow(PlaceTakenError);
    expect(created).toBe(false);
    expect((await ask(socketPath, call('first'))).stdout).toBe('first');
  });

  it.each(['a dead socket', 'a file'])('is taken over from %s', async (what) => {
    const { start, socketPath } = bench();
    mkdirSync(join(socketPath, '..'), { mode: 0o700 });
    if (what === 'a file') writeFileSync(socketPath, '');
    else {
      const dead = createServer().listen(`${socketPath}.x`);
      await once(dead, 'listening');
      renameSync(`${socketPath}.x`, socketPath);
      await new Promise((resolve) => dead.close(resolve));
    }
    expect(existsSync(socketPath)).toBe(true);
    await start();
    expect((await ask(socketPath, call('new'))).stdout).toBe('new');
  });

  it('lost means the end: no client would find it', async () => {
    const { start, socketPath } = bench();
    const daemon = await start();
    rmSync(socketPath);
    await daemon.stopped;
    await expect(ask(socketPath, call('x'))).rejects.toThrow(NoDaemonError);
  });
});

describe('stop', () => {
  it('finishes what runs, drops what has not begun, accepts nothing, removes the socket', async () => {
    const { start, socketPath } = bench();
    const { handler, begun, release } = heldHandler();
    const daemon = await start({ createHandler: async () => handler });
    const running = ask(socketPath, call('x'));
    await begun;
    const half = connect(socketPath);
    half.write(encodeRequest(call('x')).subarray(0, 20));
    await once(half, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 20));

    const stopping = daemon.stop();
    await once(half.resume(), 'close');
    expect(existsSync(socketPath)).toBe(false);
    await expect(ask(socketPath, call('x'))).rejects.toThrow(NoDaemonError);
    release();
    expect((await running).stdout).toBe('done');
    await stopping;
    await daemon.stopped;
  });

  it('closes the handler once, after its last call', async () => {
    const { start, socketPath } = bench();
    const { handler, begun, release } = heldHandler();
    const events: string[] = [];
    const watched = Object.assign(
      handling(async (invocation) => {
        const result = await carriedOut(handler, invocation);
        events.push('answered');
        return result;
      }),
      { close: async () => void events.push('closed') },
    );
    const daemon = await start({ createHandler: async () => watched });
    const running = ask(socketPath, call('x'));
    await begun;
    const stopping = Promise.all([daemon.stop(), daemon.stop()]);
    release();
    await Promise.all([running, stopping]);
    expect(events).toEqual(['answered', 'closed']);
  });

  it("leaves a successor's socket alone", async () => {
    const { start, socketPath } = bench();
    const daemon = await start();
    rmSync(socketPath);
    writeFileSync(socketPath, 'successor');
    await daemon.stop();
    expect(readFileSync(socketPath, 'utf8')).toBe('successor');
  });
});

describe('activatedDescriptor', () => {
  it('takes the socket meant for this process, and forgets the variables', () => {
    const environment = { LISTEN_PID: String(process.pid), LISTEN_FDS: '1', LISTEN_FDNAMES: 'x', PATH: '/bin' };
    expect(activatedDescriptor(environment)).toBe(3);
    expect(environment).toEqual({ PATH: '/bin' });
  });

  it('takes nothing meant for another, and not two', () => {
    expect(activatedDescriptor({})).toBeUndefined();
    expect(activatedDescriptor({ LISTEN_PID: '1', LISTEN_FDS: '1' })).toBeUndefined();
    expect(() => activatedDescriptor({ LISTEN_PID: String(process.pid), LISTEN_FDS: '2' })).toThrow(/expected one/);
  });
});
