/**
 * What Node.js runs: it compiles the program that lies beside it, from its code cache where there is one that fits, and runs it. V8 takes 20 ms to
 * read the program, 3 with the cache.
 *
 * Neither `import` nor `require` is used: in the package this is an ES module, installed it is CommonJS, which starts 4 ms sooner.
 */

import type { Program } from './main.js';

const { readFileSync, realpathSync } = process.getBuiltinModule('node:fs');
const { createRequire } = process.getBuiltinModule('node:module');
const { dirname, join } = process.getBuiltinModule('node:path');
const { Script } = process.getBuiltinModule('node:vm');

/** Makes this print the code cache in the place of running the program (src/cli/install/code-cache.ts). */
const codeCacheOption = '--code-cache';

/** Bytes before V8's data, which has to be aligned. */
const headLength = 128;

const script = realpathSync(process.argv[1] ?? '');
const directory = dirname(script);
const file = join(directory, 'cloudstack-netns.cjs');
const text = readFileSync(file, 'utf8');
// V8 itself compares its version and its flags, but of the program nothing but the length. The first line has its digest (scripts/build/bundle.mjs).
const head = `${process.version} ${process.arch} ${text.slice(0, text.indexOf('\n'))}`
  .padEnd(headLength - 1)
  .concat('\n');
const compiled = new Script(`(function(exports,require,module,__filename,__dirname){${text}\n})`, {
  filename: file,
  cachedData: cachedData(),
});
const module = { exports: {} };
compiled.runInThisContext()(module.exports, createRequire(file), module, file, directory);
const program = module.exports as Program;

if (process.argv[2] === codeCacheOption) {
  // What has run by then is in the cache, all other functions are compiled when they are called.
  void program.load().then(() => {
    process.stdout.write(Buffer.concat([Buffer.from(head), compiled.createCachedData()]), () => process.exit());
  });
} else {
  program.run(script);
}

function cachedData(): Buffer | undefined {
  try {
    const cache = readFileSync(join(directory, 'cloudstack-netns.cache'));
    return cache.subarray(0, headLength).equals(Buffer.from(head)) ? cache.subarray(headLength) : undefined;
  } catch {
    // It is made by an installation; the package has none.
    return undefined;
  }
}
