import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { libDirectory, runtimeNames } from './layout.js';
import { placeCopy, placeLink, placeText } from './place-file.js';

/** The files an installation is made of. */
export interface RuntimeSource {
  /** What Node.js is given, and the program that it compiles. */
  readonly script: string;
  readonly program: string;
  readonly client: string;
  /** Directory below which the addon lies, and its files relative to that. */
  readonly addonBase: string;
  readonly addons: readonly string[];
}

/**
 * Finds what belongs to the running bundle: beside it in an installed runtime, beside and one level up in the package.
 *
 * @throws when something was not built
 */
export async function findRuntime(bundle: string): Promise<RuntimeSource> {
  const directory = dirname(bundle);
  const built = (name: string) => {
    const file = join(directory, name);
    if (!existsSync(file)) throw new Error(`${file} is missing: build the package first (npm run build)`);
    return file;
  };
  const client = built(runtimeNames.client);
  const program = built(runtimeNames.program);
  for (const addonBase of [directory, dirname(directory)]) {
    const addons = await findAddons(addonBase);
    if (addons.length > 0) return { script: bundle, program, client, addonBase, addons };
  }
  throw new Error(
    `no addon (.node file) found in build/Release or prebuilds near ${bundle}: build the package first (npm run build)`,
  );
}

/** Puts the runtime in place under `root`. Returns whether anything changed. */
export async function placeRuntime(
  source: RuntimeSource,
  root: string,
  node: string,
  version: string,
): Promise<boolean> {
  const target = (name: string) => join(root, libDirectory, name);
  // Node looks for "type" here: as an ES module the script would start 4 ms later.
  const manifest = `${JSON.stringify({ name: 'cloudstack-netns', version, type: 'commonjs', private: true }, null, 2)}\n`;
  const changes = [
    await placeCopy(source.client, target(runtimeNames.client), 0o755),
    await placeCopy(source.program, target(runtimeNames.program), 0o644),
    await placeCopy(source.script, target(runtimeNames.script), 0o755),
    // After the script: those of earlier versions were ES modules.
    await placeText(manifest, target(runtimeNames.manifest), 0o644),
    await placeLink(node, target(runtimeNames.node)),
  ];
  for (const addon of source.addons) {
    await mkdir(dirname(target(addon)), { recursive: true, mode: 0o755 });
    changes.push(await placeCopy(join(source.addonBase, addon), target(addon), 0o755));
  }
  // An addon of an earlier version would be preferred to a newer one in the other place.
  for (const old of await findAddons(join(root, libDirectory))) {
    if (source.addons.includes(old)) continue;
    await rm(target(old));
    changes.push(true);
  }
  return changes.includes(true);
}

async function findAddons(base: string): Promise<string[]> {
  const places = [join('build', 'Release'), ...(await subdirectories(base, 'prebuilds'))];
  const found = await Promise.all(
    places.map(async (place) =>
      (await namesIn(join(base, place))).filter((name) => name.endsWith('.node')).map((name) => join(place, name)),
    ),
  );
  return found.flat();
}

async function subdirectories(base: string, name: string): Promise<string[]> {
  return (await namesIn(join(base, name))).map((entry) => join(name, entry));
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
