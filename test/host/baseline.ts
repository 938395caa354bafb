import { join } from 'node:path';
import { projectRoot } from './project-root.js';

/** What is installed in the product's place to have the plain shell implementation there. */
export const baselineWrapper = `#!/bin/bash\nsource ${join(projectRoot, 'scripts/baseline/wrapper.sh')} "$@"\n`;
