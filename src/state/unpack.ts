import { readdirSync } from 'node:fs';
import type { DomainId } from '../model/domain.js';
import { kindOf } from './confined-path.js';
import type { FileWrite } from './file-edit.js';
import { findDomains } from './find-domains.js';
import { guestDirectory, networkDirectory, packFile } from './layout.js';
import { domainsWithJournal } from './left-journal.js';
import { withWholePack } from './pack-file.js';
import type { StateDirectory } from './state-directory.js';

/** Whether there are packs below a state root, or journals that a killed process has left. */
export function hasPacks(root: string): boolean {
  if (kindOf(root) === undefined) return false;
  const hasPack = readdirSync(root).some((name) => kindOf(`${root}/${name}/${packFile}`) !== undefined);
  return hasPack || domainsWithJournal(root).length > 0;
}

/**
 * Gives every guest that is told something a directory of its own, as the shell wrapper has it, and takes packs and journals away.
 *
 * @returns how many guests have got one
 * @throws StateError, of the first network whose pack is damaged or cannot be unpacked; it has its pack still
 */
export async function unpackAll(state: StateDirectory): Promise<number> {
  for (const id of domainsWithJournal(state.root)) await state.settle(id);
  let count = 0;
  for await (const { id, networkIds } of findDomains(state.root)) {
    const packed = networkIds.filter((networkId) => kindOf(packOf(state.root, networkId)) !== undefined);
    if (packed.length === 0) continue;
    const lock = await state.lock(id);
    try {
      for (const networkId of packed) count += await unpack(state, id, networkId);
    } finally {
      lock.release();
    }
  }
  return count;
}

/** The directories are on disk before the pack goes. */
async function unpack(state: StateDirectory, id: DomainId, networkId: string): Promise<number> {
  const path = packOf(state.root, networkId);
  const { guests, files } = withWholePack(path, (pack) => {
    const missing = (pack?.addresses ?? []).filter(
      (guestIp) => kindOf(`${state.root}/${guestDirectory(networkId, guestIp)}`) === undefined,
    );
    const written = missing.flatMap((guestIp): FileWrite[] => {
      const directory = `${guestDirectory(networkId, guestIp)}/latest`;
      return (pack?.files(guestIp) ?? []).map((file) => ({ ...file, path: `${directory}/${file.path}` }));
    });
    return { guests: missing.length, files: written };
  });
  await (await state.commit(id, files)).settle();
  await (await state.commit(id, [{ path: `${networkDirectory(networkId)}/${packFile}`, remove: true }])).settle();
  return guests;
}

function packOf(root: string, networkId: string): string {
  return `${root}/${networkDirectory(networkId)}/${packFile}`;
}
