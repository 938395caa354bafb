import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Composition } from '../composition.js';
import { libDirectory, logDirectory, stateDirectory, unitDirectory, wrapperPath } from './layout.js';
import { disableUnits, reloadUnits, stopDaemon, systemdRuns } from './service-manager.js';
import { socketUnit, unitFiles } from './units.js';
import { installedExtensions, removeWrapper, wrapperKind } from './wrapper.js';

export interface UninstallOptions {
  readonly name: string;
  readonly root: string;
  readonly composition: Pick<Composition, 'socketPath'>;
  readonly say: (line: string) => void;
}

/** Removes an extension's wrapper, and the runtime with the last one. Networks, state and logs stay as they are. */
export async function uninstall({ name, root: givenRoot, composition, say }: UninstallOptions): Promise<void> {
  const root = resolve(givenRoot);
  const forThisHost = root === '/';
  switch (await wrapperKind(root, name)) {
    case 'ours': {
      const result = await removeWrapper(root, name);
      say(`${wrapperPath(name)}: ${result === 'restored' ? 'the wrapper that was there before is back' : 'removed'}`);
      break;
    }
    case 'foreign':
      say(`${wrapperPath(name)}: not ours, left as it is`);
      break;
    case 'none':
      say(`${wrapperPath(name)}: not there`);
  }

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
