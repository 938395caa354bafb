import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askBatch } from '../../../src/daemon/ask-batch.js';
import {
  type BatchCommands,
  type BatchResults,
  batchCommands,
  batchMagic,
  batchResults,
  checked,
  encodeFrame,
  frames,
} from '../../../src/daemon/batch-wire.js';
import { type Daemon, startDaemon } from '../../../src/daemon/daemon.js';
import type { Handler } from '../../../src/daemon/handler.js';
import { handling } from './handling.js';
import { temporaryDirectory } from './temporary-directory.js';

const header = {
  program: '/etc/cloudstack/extensions/net/net-wrapper.sh',
  directory: '/',
  environment: {},
  isAtomic: false,
};

async function open(handler: Handler): Promise<{ daemon: Daemon; socketPath: string }> {
  const directory = temporaryDirectory();
  const socketPath = join(directory, 'run', 'daemon.sock');
  const daemon = await startDaemon({
    socketPath,
    logDirectory: join(directory, 'log'),
    version: '1',
    createHandler: async () => handler,
    peerCredentials: () => ({ pid: 1, uid: 0, gid: 0 }),
  });
  onTestFinished(() => daemon.stop());
  return { daemon, socketPath };
}

const echo = handling(async ({ arguments: words }) => {
  if (words[0] === 'bad') throw new Error('it is bad');
  return { exitCode: 0, stdout: words.join(' '), stderr: '', subject: 'network=1' };
});

async function* lists(count: number, size: number, word = 'add'): AsyncGenerator<BatchCommands> {
  for (let first = 0; first < count; first += size) {
    yield Array.from({ length: Math.min(size, count - first) }, (_, index) => [
      first + index + 1,
      [word, `${first + index}`],
    ]);
  }
}

describe('a batch', () => {
  it('brings a result for every command, each with its number', async () => {
    const { socketPath } = await open(echo);
    const results: BatchResults = [];
    const count = 20_000;
    expect(await askBatch(socketPath, header, lists(count, 333), (some) => results.push(...some))).toBe(true);
    expect(results).toHaveLength(count);
    expect(new Set(results.map(([number]) => number)).size).toBe(count);
    for (const [number, exitCode, subject, stdout] of results) {
      expect([exitCode, subject, stdout]).toEqual([0, 'network=1', `add ${number - 1}`]);
    }
  });

  it('goes on after a command that failed', async () => {
    const { socketPath } = await open(echo);
    const results: BatchResults = [];
    const commands = (async function* (): AsyncGenerator<BatchCommands> {
      yield [
        [1, ['bad']],
        [2, ['add']],
      ];
    })();
    await askBatch(socketPath, header, commands, (some) => results.push(...some));
    expect(results.sort(([a], [b]) => a - b)).toEqual([
      [1, 1, '', '', 'cloudstack-netns: it is bad\n'],
      [2, 0, 'network=1', 'add', ''],
    ]);
  });

  it('is given to the handler as a whole when it is all or nothing', async () => {
    const seen: number[] = [];
    const handler = Object.assign(echo, {
      together: async (invocations: readonly unknown[]) => {
        seen.push(invocations.length);
        return invocations.map((_, index) =>
          index === 1 ? { error: new Error('not this one') } : { result: { exitCode: 0, stdout: '', stderr: '' } },
        );
      },
    });
    const { socketPath } = await open(handler);
    const results: BatchResults = [];
    await askBatch(socketPath, { ...header, isAtomic: true }, lists(1000, 100), (some) => results.push(...some));
    expect(seen).toEqual([1000]);
    expect(results).toHaveLength(1000);
    expect(results.filter(([, exitCode]) => exitCode !== 0)).toEqual([
      [2, 1, '', '', 'cloudstack-netns: not this one\n'],
    ]);
  });

  it('that is all or nothing and does not come to its end is nothing', async () => {
    let calls = 0;
    const handler = Object.assign(
      handling(async () => ({ exitCode: 0, stdout: '', stderr: '' })),
      {
        together: async () => {
          calls++;
          return [];
        },
      },
    );
    const { daemon, socketPath } = await open(handler);
    const socket = connect(socketPath);
    await once(socket, 'connect');
    socket.write(Buffer.concat([batchMagic, encodeFrame({ ...header, isAtomic: true }), encodeFrame([[1, ['add']]])]));
    socket.end();
    await once(socket.resume(), 'close');
    await daemon.stop();
    expect(calls).toBe(0);
  });

  it('is read only as fast as it is carried out', async () => {
    let most = 0;
    let running = 0;
    const waiting: (() => void)[] = [];
    const { socketPath } = await open(
      handling(async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => waiting.push(resolve));
        running--;
        return { exitCode: 0, stdout: '', stderr: '' };
      }),
    );
    const timer = setInterval(() => {
      for (const end of waiting.splice(0)) end();
    }, 1);
    let count = 0;
    const told = (some: BatchResults) => {
      count += some.length;
    };
    expect(await askBatch(socketPath, header, lists(30_000, 512), told)).toBe(true);
    clearInterval(timer);
    expect(count).toBe(30_000);
    expect(most).toBeLessThanOrEqual(1_024 + 512);
  });

  it('is ended after what was begun when the daemon stops', async () => {
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const { daemon, socketPath } = await open(
      handling(async () => {
        begin();
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { exitCode: 0, stdout: '', stderr: '' };
      }),
    );
    const results: BatchResults = [];
    const endless = (async function* (): AsyncGenerator<BatchCommands> {
      for (let number = 1; ; number++) {
        yield [[number, ['add']]];
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const asked = askBatch(socketPath, header, endless, (some) => results.push(...some));
    await begun;
    await daemon.stop();
    expect(await asked).toBe(false);
    expect(results.length).toBeGreaterThan(0);
  });

  it('that is none is refused in words', async () => {
    const { socketPath } = await open(echo);
    const socket = connect(socketPath);
    await once(socket, 'connect');
    // In pieces, as a network may cut it.
    for (const piece of ['CS', 'B1', '\x05\0\0', '\0"no', 'p"']) {
      socket.write(Buffer.from(piece, 'latin1'));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const answers: unknown[] = [];
    for await (const frame of frames(socket)) answers.push(frame);
    expect(answers).toEqual([[[0, 1, '', '', expect.stringMatching(/a frame of a batch is not what it should be/)]]]);
  });
});

describe('a frame', () => {
  it.each([null, 'text', [1], [['1', ['add']]], [[1, 'add']], [[1, ['add', 2]]], [[1, ['add'], 3]], [[1.5, ['add']]]])(
    '%j holds no commands',
    (frame) => {
      expect(() => checked(batchCommands, frame)).toThrow(/is not what it should be: expected a list of commands/);
    },
  );

  it.each([null, [[1, 0, '', '']], [[1, 0, '', '', '', '']], [[1, '0', '', '', '']], [[1, 0, '', null, '']]])(
    '%j holds no results',
    (frame) => {
      expect(() => checked(batchResults, frame)).toThrow(/is not what it should be: expected a list of results/);
    },
  );

  it('without anything in it is the end', () => {
    expect([checked(batchCommands, []), checked(batchResults, [])]).toEqual([[], []]);
  });
});
