import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateDirectory } from '../../../src/state/state-directory.js';
import { StateError } from '../../../src/state/state-error.js';
import { fileWork } from './file-work.js';
import { tryLock } from './try-lock.js';

const network = { kind: 'network', id: '5' } as const;
let root: string;
let path: string;
let state: StateDirectory;
const children: ChildProcess[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'state-'));
  path = join(root, 'lock-network-5');
  mkdirSync(join(root, 'network-5'));
  state = new StateDirectory({ root, tryLock, files: fileWork, lockDeadline: 5000 });
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** Another process that holds the lock until its input ends; with `unlink` it then closes the file and unlinks it, like the shell wrapper. */
async function holder(unlink: boolean): Promise<ChildProcess> {
  const script = `import fcntl, os, sys, time
file = open(sys.argv[1], 'w')
fcntl.flock(file, fcntl.LOCK_EX)
print('held', flush=True)
sys.stdin.read()
file.close()
if ${unlink ? 'True' : 'False'}:
    time.sleep(0.005)
    os.unlink(sys.argv[1])
`;
  const child = spawn('python3', ['-c', script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

describe('lock', () => {
  it('is the shell wrapper’s file, and keeps others out', async () => {
    const lock = await state.lock(network);
    const quick = new StateDirectory({ root, tryLock, files: fileWork, lockDeadline: 50 });
    const start = performance.now();
    await expect(quick.lock(network)).rejects.toThrow(`${path}: another process holds this lock for more than 0.05 s`);
    await expect(quick.lock(network)).rejects.toBeInstanceOf(StateError);
    expect(performance.now() - start).toBeLessThan(2000);
    lock.release();
    (await quick.lock(network)).release();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('of a VPC and of a network with its id are two', async () => {
    const one = await state.lock(network);
    const other = await state.lock({ kind: 'vpc', id: '5' });
    expect(existsSync(join(root, 'lock-vpc-5'))).toBe(true);
    other.release();
    one.release();
    // The VPC has no directory, so nothing of it stays.
    expect(existsSync(join(root, 'lock-vpc-5'))).toBe(false);
    expect(existsSync(path)).toBe(true);
  });

  it('waits for another process', async () => {
    const child = await holder(false);
    let held = false;
    const waiting = state.lock(network).then((lock) => {
      held = true;
      return lock;
    });
    await setTimeout(100);
    expect(held).toBe(false);
    child.stdin?.end('\n');
    (await waiting).release();
  });

  it('is taken anew when its holder unlinked the file', async () => {
    const child = await holder(true);
    const gone = once(child, 'exit');
    const waiting = state.lock(network);
    await setTimeout(20);
    child.stdin?.end('\n');
    const lock = await waiting;
    await gone;
    expect(existsSync(path)).toBe(true);
    const quick = new StateDirectory({ root, tryLock, files: fileWork, lockDeadline: 50 });
    await expect(quick.lock(network)).rejects.toThrow('another process holds this lock');
    lock.release();
  });

  it('is not fooled by a file that was replaced', async () => {
    let first = true;
    const replacing = new StateDirectory({
      root,
      files: fileWork,
      lockDeadline: 1000,
      tryLock(descriptor) {
        if (first) {
          first = false;
          unlinkSync(path);
          writeFileSync(path, '');
        }
        return tryLock(descriptor);
      },
    });
    const lock = await replacing.lock(network);
    await expect(
      new StateDirectory({ root, tryLock, files: fileWork, lockDeadline: 50 }).lock(network),
    ).rejects.toThrow(StateError);
    lock.release();
  });

  it('goes with its domain', async () => {
    const lock = await state.lock(network);
    rmSync(join(root, 'network-5'), { recursive: true });
    lock.release();
    lock.release();
    expect(existsSync(path)).toBe(false);
  });

  it('makes the state directory when there is none', async () => {
    rmSync(root, { recursive: true });
    (await state.lock(network)).release();
    expect(existsSync(path)).toBe(false);
    expect(statSync(root).mode & 0o777).toBe(0o700);
  });

  it('lets go when the primitive fails', async () => {
    const failing = new StateDirectory({
      root,
      files: fileWork,
      tryLock: () => {
        throw new Error('ENOLCK');
      },
    });
    await expect(failing.lock(network)).rejects.toThrow('ENOLCK');
  });
});
