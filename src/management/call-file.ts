import { readFileSync } from 'node:fs';
import { quote } from '../contract/quote.js';
import { ConfigurationFailure } from './failure.js';

/** @throws ConfigurationFailure when it cannot be read; its content is never shown. */
export function readCallFile(command: string, spelling: string, path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = (error as { code?: string }).code ?? 'unknown error';
    throw new ConfigurationFailure(`${command}: ${spelling} ${quote(path)}: could not be read (${reason})`);
  }
}
