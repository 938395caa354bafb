import { readdirSync, unlinkSync } from 'node:fs';
import type { DomainId } from '../model/domain.js';
import { isIdentifier } from '../model/identifier.js';
import { kindOf } from './confined-path.js';
import { enterFiles, removeTrees } from './enter-files.js';
import type { FileBatches } from './file-batches.js';
import { flushDirectory } from './flush-directory.js';
import { decodeRecords } from './journal-record.js';
import { readRegularFile } from './regular-file.js';
import { asStateError, errorCode, StateError } from './state-error.js';
import { WaitingEdits } from './waiting-edits.js';

const prefix = '.journal-';

/** Name of a domain's journal, in the root of the state directory. The dot keeps it from the shell wrapper's globs. */
export function journalFile({ kind, id }: DomainId): string {
  return `${prefix}${kind}-${id}`;
}

/** The domains that have a journal. */
export function domainsWithJournal(root: string): DomainId[] {
  let names: string[];
  try {
    names = readdirSync(root);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  return names.flatMap((name): DomainId[] => {
    const [, kind, id = ''] = /^\.journal-(network|vpc)-(.+)$/.exec(name) ?? [];
    return (kind === 'network' || kind === 'vpc') && isIdentifier(id) ? [{ kind, id }] : [];
  });
}

/**
 * Enters what is in the journal of a process that died into the files, and takes the journal away. To be called under the domain's lock.
 *
 * @throws StateError that names the journal
 */
export async function enterLeftJournal(batches: FileBatches, name: string): Promise<void> {
  const path = `${batches.root}/${name}`;
  // Mostly there is none, and an error with its stack takes five times as long.
  if (kindOf(path) === undefined) return;
  const journal = readRegularFile(path);
  if (journal === undefined) return;
  const waiting = new WaitingEdits();
  try {
    waiting.add(decodeRecords(journal));
    const { trees, files } = waiting.take(waiting.size);
    removeTrees(batches.root, trees);
    await batches.flush(await enterFiles(batches, files));
    unlinkSync(path);
    await flushDirectory(batches.root);
  } catch (error) {
    const { message } = asStateError(error);
    throw new StateError(`${path}: what an earlier command has left there cannot be put into files: ${message}`, {
      cause: error,
    });
  }
}
