import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { asStateError, errorCode, StateError } from './state-error.js';

/**
 * Content of a file of any size; undefined when there is none. Symbolic links are not followed.
 *
 * @throws StateError when it is not a regular file, or cannot be read
 */
export function readRegularFile(path: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP') throw new StateError(`${path}: expected a file, it is a symbolic link`);
    throw asStateError(error);
  }
  try {
    if (!fstatSync(descriptor).isFile()) throw new StateError(`${path}: expected a regular file`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
