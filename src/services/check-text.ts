import { rmSync, writeFileSync } from 'node:fs';
import { temporaryName } from '../state/temporary-name.js';
import { type Program, run } from './programs.js';

/**
 * Has a program look at a configuration before it takes the place of the one that is in force.
 *
 * @param directory where the text is put for the check; must exist
 * @param parameters of the program, for a file of that path
 * @throws ServiceError with what the program said
 */
export async function checkText(
  program: Program,
  directory: string,
  text: string,
  parameters: (path: string) => readonly string[],
): Promise<void> {
  const path = `${directory}/${temporaryName()}`;
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    await run(program, parameters(path));
  } finally {
    rmSync(path, { force: true });
  }
}
