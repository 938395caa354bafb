import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Composition } from '../composition.js';
import { libDirectory, logDirectory, stateDirectory, unitDirectory, wrapperPath } from './layout.js';
import { placeText } from './place-file.js';
import { findRuntime, placeRuntime } from './runtime.js';
import { enableUnits, stopDaemon, systemdRuns } from './service-manager.js';
import { unitFiles } from './units.js';
import { placeWrapper } from './wrapper.js';

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
  if (!isAbsolute(node)) throw new Error(`--node ${node}: expected an absolute path`);
  if (forThisHost) checkNode(node);

  const source = await findRuntime(composition.bundle);
  const runtimeChanged = await placeRuntime(source, root, node, composition.version);
  say(`${libDirectory}: ${runtimeChanged ? 'installed' : 'up to date'}`);

  let unitsChanged = false;
  for (const [unit, text] of Object.entries(unitFiles(composition.socketPath))) {
    unitsChanged = (await placeText(text, join(root, unitDirectory, unit), 0o644)) || unitsChanged;
  }

  await mkdir(join(root, stateDirectory(name)), { recursive: true, mode: 0o700 });
  await mkdir(join(root, logDirectory(name)), { recursive: true, mode: 0o755 });

  // The wrapper comes last: from now on calls reach the new program, and everything it needs is there.
  const { changed, kept } = await placeWrapper(source.client, root, name);
  if (kept !== undefined)
    say(`${kept}: the wrapper that was there is kept here; 'uninstall --name ${name}' puts it back`);
  say(`${wrapperPath(name)}: ${changed ? 'installed' : 'up to date'}`);

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

function checkNode(node: string): void {
  let version: string;
  try {
    version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  } catch (error) {
    throw new Error(`--node ${node}: cannot be run: ${error instanceof Error ? error.message : String(error)}`);
  }
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!fits) throw new Error(`--node ${node}: is Node ${version}, expected 20.19 or later, or 22.12 or later`);
}
