import { execFileSync } from 'node:child_process';
import { isAbsolute } from 'node:path';

/**
 * Checks the Node.js that is to run the program.
 *
 * @param isHere whether it must be there now; for a package it need not be
 * @throws when it cannot
 */
export function checkNode(node: string, isHere: boolean): void {
  if (!isAbsolute(node)) throw new Error(`--node ${node}: expected an absolute path`);
  if (!isHere) return;
  let version: string;
  try {
    version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  } catch (error) {
    throw new Error(`--node ${node}: cannot be run: ${error instanceof Error ? error.message : String(error)}`);
  }
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!fits) throw new Error(`--node ${node}: is Node ${version}, expected 20.19 or later, or 22.12 or later`);
}
