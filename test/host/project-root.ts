import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory of the project's package.json. Looked for upwards, because scripts/replay runs a bundle from a cache directory. */
export const projectRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(directory: string): string {
  const manifest = join(directory, 'package.json');
  if (existsSync(manifest) && readFileSync(manifest, 'utf8').includes('"name": "cloudstack-netns"')) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('no package.json of cloudstack-netns above this file');
  return findRoot(parent);
}
