// Bundles the program into one file, all but the addon: bin/cloudstack-netns. One file to install, and one to read at start.
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

/** @param {string} entry @param {string} outfile */
export async function bundle(entry, outfile) {
  const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'eof',
    logLevel: 'warning',
    plugins: [englishOnly],
    define: { PACKAGE_VERSION: JSON.stringify(version) },
    banner: {
      // CommonJS packages in the bundle, and the addon's loader, call require.
      js: "#!/usr/bin/env node\nimport{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  await chmod(outfile, 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outfile = fileURLToPath(new URL('bin/cloudstack-netns', root));
  await bundle(fileURLToPath(new URL('src/cli/main.ts', root)), outfile);
}
