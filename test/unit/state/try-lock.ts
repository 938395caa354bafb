import { spawnSync } from 'node:child_process';

/**
 * flock(2) without the addon: the lock belongs to the open file, which flock(1) shares with us, so it stays ours when the child is gone.
 */
export function tryLock(descriptor: number): boolean {
  const { status, error } = spawnSync('flock', ['--exclusive', '--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
  });
  if (error !== undefined) throw error;
  return status === 0;
}
