import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * Whether a call is of generation 2 (CONTRACT §9.1): its first argument after the command is a regular file, not an option. A payload file
 * is to become the second source of a {@link RawCall}.
 */
export async function isPayloadCall(first: string | undefined, directory: string): Promise<boolean> {
  if (first === undefined || first === '' || first.startsWith('--') || first.includes('\0')) return false;
  try {
    return (await stat(resolve(directory, first))).isFile();
  } catch {
    return false;
  }
}
