import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hasPacks } from '../../state/unpack.js';
import type { Composition } from '../composition.js';
import { libDirectory, logDirectory, stateDirectory, unitDirectory } from './layout.js';
import { uninstallFile } from './replaced-file.js';
import { disableUnits, reloadUnits, stopDaemon, systemdRuns } from './service-manager.js';
import { socketUnit, unitFiles } from './units.js';
import { installedExtensions, wrapperOf } from './wrapper.js';

export interface UninstallOptions {
  readonly name: string;
  readonly root: string;
  readonly composition: Pick<Composition, 'socketPath' | 'loadHost'>;
  readonly say: (line: string) => void;
}

/**
 * Removes an extension's wrapper, and the runtime with the last one. Networks, state and logs stay as they are, but for what the shell wrapper
 * would not find: user data in packs gets directories.
 *
 * @throws StateError when a pack cannot be unpacked; nothing is removed then
 */
export async function uninstall({ name, root: givenRoot, composition, say }: UninstallOptions): Promise<void> {
  const root = resolve(givenRoot);
  const forThisHost = root === '/';
  const unpack = async () => {
    const state = join(root, stateDirectory(name));
    // Where there is none, it must work without the addon.
    if (!hasPacks(state)) return;
    const guests = await (await composition.loadHost()).unpack(state);
    if (guests > 0)
      say(`${stateDirectory(name)}: the user data of ${guests} guests is where a shell wrapper looks for it`);
  };
  await unpack();
  await uninstallFile(root, wrapperOf(name), say);
  // A call may have come in between.
  await unpack();

  const others = await installedExtensions(root);
  if (others.length > 0) {
    say(`${libDirectory}: stays, used by ${others.join(', ')}`);
    return;
  }
  const withSystemd = forThisHost && systemdRuns() && existsSync(join(unitDirectory, socketUnit));
  if (withSystemd) await disableUnits();
  if (forThisHost) await stopDaemon(composition.socketPath);
  for (const unit of Object.keys(unitFiles(composition.socketPath))) {
    await rm(join(root, unitDirectory, unit), { force: true });
  }
  if (withSystemd) await reloadUnits();
  await rm(join(root, libDirectory), { recursive: true, force: true });
  say(`${libDirectory}: removed; networks, ${stateDirectory(name)} and ${logDirectory(name)} are untouched`);
}
