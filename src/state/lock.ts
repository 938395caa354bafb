import { closeSync, constants, fstatSync, mkdirSync, openSync, statSync, unlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { DomainId } from '../model/domain.js';
import { kindOf } from './confined-path.js';
import { domainDirectory, lockFile } from './layout.js';
import { StateError } from './state-error.js';

/** flock(2) with LOCK_EX | LOCK_NB on an open descriptor: whether the lock was got. Anything but EWOULDBLOCK is thrown. */
export type TryLock = (descriptor: number) => boolean;

/** A lock that is held. */
export interface Lock {
  /** Lets go; a second call does nothing. The file goes with it when the domain has no directory (any more). */
  release(): void;
}

const firstPause = 1;
const longestPause = 50;

/**
 * How long after a contended lock was got its file is watched, in milliseconds. The shell wrapper closes the file first and unlinks it a
 * few forks later (~5 ms on an idle host); in between the lock is free on a file that is about to go, and who takes it then does not shut
 * out who comes after the unlink (CONTRACT §11.21). Only a wait narrows that gap, and only contention with another process pays for it.
 */
const watchTime = 50;
const watchPause = 5;

/**
 * Locks a domain with the file and the means of the shell wrapper, so that both can work on one host.
 *
 * @param deadline how long to wait, in milliseconds.
 * @throws StateError naming the lock when somebody else holds it for longer than that.
 */
export async function lock(root: string, domain: DomainId, tryLock: TryLock, deadline: number): Promise<Lock> {
  const path = `${root}/${lockFile(domain)}`;
  const end = performance.now() + deadline;
  mkdirSync(root, { recursive: true, mode: 0o700 });
  for (;;) {
    const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    let held = false;
    try {
      const waited = await waitForLock(path, descriptor, tryLock, end, deadline);
      held = waited ? await keepsName(path, descriptor) : namesFile(path, descriptor);
    } finally {
      if (!held) closeSync(descriptor);
    }
    if (held) return heldLock(path, descriptor, `${root}/${domainDirectory(domain)}`);
    if (performance.now() > end)
      throw new StateError(`${path}: the lock file was replaced again and again for ${deadline / 1000} s`);
  }
}

/** Waits until the lock of an open file is ours. Whether it had to wait. @throws StateError after the deadline */
export async function waitForLock(
  path: string,
  descriptor: number,
  tryLock: TryLock,
  end: number,
  deadline: number,
): Promise<boolean> {
  let pause = firstPause;
  let waited = false;
  while (!tryLock(descriptor)) {
    const left = end - performance.now();
    if (left <= 0) throw new StateError(`${path}: another process holds this lock for more than ${deadline / 1000} s`);
    await setTimeout(Math.min(pause, Math.ceil(left)));
    pause = Math.min(pause * 1.5, longestPause);
    waited = true;
  }
  return waited;
}

/** Whether the path still leads to the file that is open: somebody may have unlinked it, and others would lock a new one. */
function namesFile(path: string, descriptor: number): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  const open = fstatSync(descriptor);
  return named !== undefined && named.ino === open.ino && named.dev === open.dev;
}

/** Whether the path leads to the open file all through the time its former holder may need to unlink it. */
async function keepsName(path: string, descriptor: number): Promise<boolean> {
  const end = performance.now() + watchTime;
  while (namesFile(path, descriptor)) {
    if (performance.now() >= end) return true;
    await setTimeout(watchPause);
  }
  return false;
}

function heldLock(path: string, descriptor: number, directory: string): Lock {
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      try {
        // While it is held: whoever waits on the file sees that its name is gone, and starts again.
        if (kindOf(directory) === undefined && namesFile(path, descriptor)) unlinkSync(path);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}
