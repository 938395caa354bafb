import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { placeCodeCache } from '../../../src/cli/install/code-cache.js';
import { placeLink } from '../../../src/cli/install/place-file.js';
import { projectRoot } from '../../host/project-root.js';
import { temporaryDirectory } from '../daemon/temporary-directory.js';

/** Bytes of the cache that say what it is of. */
const headLength = 128;

/** A directory as an installation leaves it, with a program that says its name. */
async function bench(text: string) {
  const directory = temporaryDirectory();
  const at = (name: string) => join(directory, name);
  const { bundle, bundleLoaded } = await import(join(projectRoot, 'scripts/build/bundle.mjs'));
  await bundle(join(projectRoot, 'src/cli/start.ts'), at('cloudstack-netns.js'), 'iife');
  await placeLink(process.execPath, at('node'));
  const said: string[] = [];
  const one = {
    at,
    said,
    build: async (name: string) => {
      const program = [
        // In the cache is what load() has run.
        `const text = [${JSON.stringify(name)}].join();`,
        'export const run = (script: string) => console.log(text, script, process.argv[2]);',
        'export const load = async () => {};',
      ];
      writeFileSync(at('main.ts'), program.join('\n'));
      await bundleLoaded(at('main.ts'), at('cloudstack-netns.cjs'));
    },
    run: (type: 'module' | 'commonjs' = 'commonjs') => {
      writeFileSync(at('package.json'), JSON.stringify({ type }));
      return execFileSync(process.execPath, [at('cloudstack-netns.js'), 'words'], { encoding: 'utf8' });
    },
    makeCache: () => placeCodeCache(directory, (line) => void said.push(line)),
    cache: () => readFileSync(at('cloudstack-netns.cache')),
  };
  await one.build(text);
  return one;
}

describe('the start of the program', () => {
  it.each(['module', 'commonjs'] as const)('runs the program beside it, as a %s, without a cache', async (type) => {
    const { run, at } = await bench('one');
    expect(run(type)).toBe(`one ${at('cloudstack-netns.js')} words\n`);
  });

  it('has a cache made by the Node.js that is installed, and uses it', async () => {
    const { makeCache, said, run, cache, build, at } = await bench('one');
    await makeCache();
    expect(said).toEqual([]);
    expect(run()).toMatch(/^one /);
    // V8 takes the cache of another program for this one's if only their lengths are the same: so it shows whether it is used.
    const data = cache().subarray(headLength);
    await build('two');
    await makeCache();
    writeFileSync(at('cloudstack-netns.cache'), Buffer.concat([cache().subarray(0, headLength), data]));
    expect(run()).toMatch(/^one /);
  });

  it('uses none of another program', async () => {
    const { makeCache, run, build } = await bench('one');
    await makeCache();
    await build('two');
    expect(run()).toMatch(/^two /);
  });

  it('uses none of another Node.js, nor one that is cut off', async () => {
    const { makeCache, run, cache, at } = await bench('two');
    await makeCache();
    const whole = cache();
    const foreign = Buffer.from(whole);
    foreign.write('v19.0.0 x64');
    for (const bad of [foreign, whole.subarray(0, -100), whole.subarray(0, headLength), Buffer.alloc(0)]) {
      writeFileSync(at('cloudstack-netns.cache'), bad);
      expect(run()).toMatch(/^two /);
    }
  });

  it('says why there is no cache', async () => {
    const { makeCache, said, at } = await bench('one');
    writeFileSync(at('cloudstack-netns.cjs'), 'throw new Error("broken")');
    await makeCache();
    expect(said).toEqual([expect.stringMatching(/cloudstack-netns\.cache could not be made, so the daemon starts/)]);
  });
});
