import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../test/host/project-root.js';

/** The package's public API as it is built and shipped, not as it would be bundled into the benchmark. */
export const api = (await import(
  pathToFileURL(join(projectRoot, 'dist/kernel/index.js')).href
)) as typeof import('../../src/kernel/index.js');
