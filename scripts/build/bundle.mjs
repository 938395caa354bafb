// Bundles each program into one file: bin/cloudstack-netns, and bin/vpcctl, all but the addon, and bin/network-namespace, the management server's.
// One file to install, and one to read at start.
import { chmod, readFile } from 'node:fs/promises';
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
};

/** @param {string} entry @param {string} outfile @param {'esm' | 'cjs'} format */
export async function bundle(entry, outfile, format = 'esm') {
  const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format,
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: format === 'cjs',
    legalComments: 'eof',
    logLevel: 'warning',
    plugins: [englishOnly],
    define: { PACKAGE_VERSION: JSON.stringify(version) },
    banner: { js: banners[format] },
  });
  await chmod(outfile, 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = (/** @type {string} */ path) => fileURLToPath(new URL(path, root));
  await Promise.all([
    bundle(file('src/cli/main.ts'), file('bin/cloudstack-netns')),
    bundle(file('src/vpcctl/cli/main.ts'), file('bin/vpcctl')),
    // It is installed under a name that ends in `.sh`, which Node takes for CommonJS; that also starts faster.
    bundle(file('src/management/main.ts'), file('bin/network-namespace'), 'cjs'),
  ]);
}
