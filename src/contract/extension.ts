import { basename, dirname, isAbsolute } from 'node:path';
import { ContractError } from './contract-error.js';
import { quote } from './quote.js';

/**
 * Name of the extension a program belongs to: the directory it is installed in. It names the state and log directories, so it must be one
 * plain file name: at most 255 bytes, no leading dot, no control characters.
 *
 * @throws ContractError
 */
export function extensionOf(program: string): string {
  if (last?.program !== program) last = { program, name: nameIn(program) };
  return last.name;
}

/** The last answer: the commands of a batch are all of one program. */
let last: { readonly program: string; readonly name: string } | undefined;

function nameIn(program: string): string {
  const name = isAbsolute(program) ? basename(dirname(program)) : '';
  if (name === '' || name.startsWith('.') || Buffer.byteLength(name) > 255 || /\p{Cc}/u.test(name)) {
    throw new ContractError(
      `program ${quote(program)}: expected an absolute path whose directory is named like the extension`,
    );
  }
  return name;
}
