import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Composition } from '../composition.js';
import { placeCodeCache } from './code-cache.js';
import { libDirectory, logDirectory, stateDirectory, unitDirectory } from './layout.js';
import { checkNode } from './node.js';
import { placeCopy, placeText } from './place-file.js';
import { replaceFile, sayReplaced } from './replaced-file.js';
import { findRuntime, placeRuntime } from './runtime.js';
import { enableUnits, stopDaemon, systemdRuns } from './service-manager.js';
import { unitFiles } from './units.js';
import { wrapperOf } from './wrapper.js';

export interface InstallOptions {
  readonly name: string;
  /** '/' for this host; another directory for packaging: then nothing outside it is touched. */
  readonly root: string;
  /** Absolute path of Node on the host that will run it. */
  readonly node: string;
  readonly composition: Pick<Composition, 'bundle' | 'socketPath' | 'version'>;
  readonly say: (line: string) => void;
}

/** Installs runtime, wrapper, units and directories. May be repeated: what is in place already stays as it is. */
export async function install({ name, root: givenRoot, node, composition, say }: InstallOptions): Promise<void> {
  const root = resolve(givenRoot);
  const forThisHost = root === '/';
  checkNode(node, forThisHost);

  const source = await findRuntime(composition.bundle);
  const runtimeChanged = await placeRuntime(source, root, node, composition.version);
  say(`${libDirectory}: ${runtimeChanged ? 'installed' : 'up to date'}`);
  if (forThisHost) await placeCodeCache(libDirectory, say);

  let unitsChanged = false;
  for (const [unit, text] of Object.entries(unitFiles(composition.socketPath))) {
    unitsChanged = (await placeText(text, join(root, unitDirectory, unit), 0o644)) || unitsChanged;
  }

  await mkdir(join(root, stateDirectory(name)), { recursive: true, mode: 0o700 });
  await mkdir(join(root, logDirectory(name)), { recursive: true, mode: 0o755 });

  // The wrapper comes last: from now on calls reach the new program, and everything it needs is there.
  const wrapper = wrapperOf(name);
  const replaced = await replaceFile(root, wrapper, (target) => placeCopy(source.client, target, 0o755));
  sayReplaced(wrapper, replaced, `uninstall --name ${name}`, say);

  if (!forThisHost) return;
  const changedBelow = runtimeChanged || unitsChanged;
  if (changedBelow) {
    const stopped = await stopDaemon(composition.socketPath);
    if (stopped !== undefined) say(`the daemon of the earlier installation (pid ${stopped}) has ended`);
  }
  if (systemdRuns()) {
    await enableUnits(changedBelow);
    say('systemd runs the daemon, now and after every boot');
  } else {
    say('no systemd here: the first command starts the daemon');
  }
}
