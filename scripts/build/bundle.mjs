// Bundles each program into one file, all but the addon: bin/cloudstack-netns.cjs, which bin/cloudstack-netns starts, bin/vpcctl, and
// bin/network-namespace, the management server's. One file to install, and one to read at start.
import { createHash } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../../', import.meta.url);

/** zod's messages in all languages but English are 40 % of the bundle, and read at every start for nothing. */
const englishOnly = {
  name: 'english-only',
  /** @param {import('esbuild').PluginBuild} build */
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/**
 * The shebang of what runs from the package. For ES modules: CommonJS packages in the bundle, and the addon's loader, call require.
 */
const banners = {
  esm: "#!/usr/bin/env node\nimport{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  // By the second line `install --management` knows its own (src/cli/install/management.ts).
  cjs: '#!/usr/bin/env node\n// @cloudstack-netns management program@',
  iife: '#!/usr/bin/env node',
};

/** @param {string} entry @param {string} outfile @param {keyof typeof banners} format */
export async function bundle(entry, outfile, format = 'esm') {
  const options = await common(entry);
  await build({ ...options, outfile, format, minifyIdentifiers: format === 'cjs', banner: { js: banners[format] } });
  await chmod(outfile, 0o755);
}

/**
 * A program that is loaded by another (src/cli/start.ts). By its first line a code cache knows it.
 *
 * @param {string} entry @param {string} outfile
 */
export async function bundleLoaded(entry, outfile) {
  const options = await common(entry);
  const { outputFiles } = await build({
    ...options,
    outfile,
    format: 'cjs',
    // A compiled script has no loader of modules.
    supported: { 'dynamic-import': false },
    write: false,
    define: { ...options.define, 'import.meta.url': '__fileUrl' },
    banner: { js: "const __fileUrl=require('node:url').pathToFileURL(__filename).href;" },
  });
  const [{ contents }] = outputFiles;
  const digest = createHash('sha256').update(contents).digest('hex');
  await writeFile(outfile, Buffer.concat([Buffer.from(`// ${digest}\n`), contents]));
}

/** @param {string} entry @returns {Promise<import('esbuild').BuildOptions>} */
async function common(entry) {
  const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
  return {
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'eof',
    logLevel: 'warning',
    plugins: [englishOnly],
    define: { PACKAGE_VERSION: JSON.stringify(version) },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = (/** @type {string} */ path) => fileURLToPath(new URL(path, root));
  await Promise.all([
    bundle(file('src/cli/start.ts'), file('bin/cloudstack-netns'), 'iife'),
    bundleLoaded(file('src/cli/main.ts'), file('bin/cloudstack-netns.cjs')),
    bundle(file('src/vpcctl/cli/main.ts'), file('bin/vpcctl')),
    // It is installed under a name that ends in `.sh`, which Node takes for CommonJS; that also starts faster.
    bundle(file('src/management/main.ts'), file('bin/network-namespace'), 'cjs'),
  ]);
}
