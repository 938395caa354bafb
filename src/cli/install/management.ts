import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Composition } from '../composition.js';
import { entryPath, logDirectory } from './layout.js';
import { checkNode } from './node.js';
import { placeText } from './place-file.js';
import { type ReplacedFile, replaceFile, sayReplaced, uninstallFile } from './replaced-file.js';

/** Stands in the second line of the bundle (scripts/build/bundle.mjs). */
const mark = '// @cloudstack-netns management program@';
const bundleName = 'network-namespace';

export interface ManagementOptions {
  readonly name: string;
  /** '/' for this machine; another directory for packaging. */
  readonly root: string;
  readonly say: (line: string) => void;
}

export interface ManagementInstallOptions extends ManagementOptions {
  /** Absolute path of Node on the management server. */
  readonly node: string;
  readonly composition: Pick<Composition, 'bundle'>;
}

/** Installs the management server's program of an extension: one file that needs nothing else of this package. May be repeated. */
export async function installManagement(options: ManagementInstallOptions): Promise<void> {
  const { name, node, composition, say } = options;
  const root = resolve(options.root);
  const isHere = root === '/';
  checkNode(node, isHere);
  if (/\s/.test(node) || node.length > 200)
    throw new Error(
      `--node ${node}: expected a path without spaces, of at most 200 characters: it is to be the program's first line`,
    );
  const source = join(dirname(composition.bundle), bundleName);
  if (!existsSync(source)) throw new Error(`${source} is missing: build the package first (npm run build)`);
  if (isHere) for (const line of missingPrograms()) say(line);

  const text = (await readFile(source, 'utf8')).replace(/^#!.*/, `#!${node}`);
  const entry = entryOf(name);
  const directory = dirname(join(root, entry.path));
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await makeLogDirectory(join(root, logDirectory(name)), directory);
  const replaced = await replaceFile(root, entry, (target) => placeText(text, target, 0o755));
  sayReplaced(entry, replaced, `uninstall --management --name ${name}`, say);
}

/** Removes the management server's program of an extension; the log stays. */
export async function uninstallManagement({ name, root, say }: ManagementOptions): Promise<void> {
  await uninstallFile(resolve(root), entryOf(name), say);
}

function entryOf(extension: string): ReplacedFile {
  return { path: entryPath(extension), isOurs: (content) => content.includes(`\n${mark}\n`) };
}

/** The management server does not run as root. It has made the extension's directory when the extension was created: its owner writes the log. */
async function makeLogDirectory(path: string, extensionDirectory: string): Promise<void> {
  if (existsSync(path)) return;
  await mkdir(path, { recursive: true, mode: 0o755 });
  const { uid, gid } = await stat(extensionDirectory);
  if (uid !== process.getuid?.()) await chown(path, uid, gid);
}

/** Lines about programs that are needed at run time and are not there. */
function missingPrograms(): string[] {
  const places = (process.env.PATH ?? '').split(':');
  const isMissing = (program: string) => !places.some((place) => existsSync(join(place, program)));
  return [
    ['ssh', 'openssh-client', 'without it no host can be reached'],
    ['flock', 'util-linux', 'without it no host can be reached'],
    ['sshpass', 'sshpass', 'needed only where hosts are registered with a password and no sshkey'],
  ].flatMap(([program = '', packageName = '', why = '']) =>
    isMissing(program) ? [`${program} is not installed (package ${packageName}): ${why}`] : [],
  );
}
