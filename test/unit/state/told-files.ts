import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { withWholePack } from '../../../src/state/pack-file.js';

/**
 * The files below a root by their relative paths, hidden ones left out, and in the place of each pack what it says of guests that have no
 * directory.
 */
export function toldFiles(root: string): Record<string, string> {
  const all = readdirSync(root, { recursive: true, withFileTypes: true });
  const present = new Set(all.map(({ parentPath, name }) => join(parentPath, name)));
  const found: [string, string][] = [];
  for (const { parentPath, name } of all.filter((entry) => entry.isFile())) {
    const path = join(parentPath, name);
    if (path.slice(root.length).includes(`${sep}.`)) continue;
    if (name === 'metadata.pack') found.push(...packedFiles(path, present));
    else found.push([path, readFileSync(path, 'utf8')]);
  }
  return Object.fromEntries(found.map(([path, content]) => [path.slice(root.length + 1), content] as const).sort());
}

function packedFiles(path: string, present: ReadonlySet<string>): [string, string][] {
  const metadata = join(dirname(path), 'metadata');
  return withWholePack(path, (pack) =>
    (pack?.addresses ?? [])
      .filter((guestIp) => !present.has(join(metadata, guestIp)))
      .flatMap((guestIp) =>
        (pack?.files(guestIp) ?? []).map((file): [string, string] => [
          join(metadata, guestIp, 'latest', file.path),
          Buffer.from(file.content).toString(),
        ]),
      ),
  );
}
