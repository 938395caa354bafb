import { lstatSync, readdirSync, rmSync } from 'node:fs';
import type { DomainId } from '../model/domain.js';
import { findDomains } from './find-domains.js';
import { networkDirectory } from './layout.js';
import type { Lock } from './lock.js';
import { errorCode } from './state-error.js';
import { isTemporaryName } from './temporary-name.js';

/**
 * Deletes the files that processes that died were writing in networks' directories: a pack can be large, and holds what guests are told.
 *
 * @param lock keeps commands of other processes away from a domain
 */
export async function sweepLeftoverFiles(root: string, lock: (id: DomainId) => Promise<Lock>): Promise<void> {
  for await (const { id, networkIds } of findDomains(root)) {
    const leftovers = () => networkIds.flatMap((networkId) => leftoversIn(`${root}/${networkDirectory(networkId)}`));
    if (leftovers().length === 0) continue;
    const held = await lock(id);
    try {
      for (const path of leftovers()) rmSync(path, { force: true });
    } finally {
      held.release();
    }
  }
}

/** Those that are older than this process; under the domain's lock they are nobody's. */
function leftoversIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter(isTemporaryName)
      .map((name) => `${directory}/${name}`)
      .filter((path) => lstatSync(path).mtimeMs < performance.timeOrigin);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
