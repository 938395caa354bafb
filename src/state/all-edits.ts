import type { Change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { changeEdits } from './change-edits.js';
import { dnsmasqEdits } from './dnsmasq-edits.js';
import type { FileEdit } from './file-edit.js';
import { haproxyEdits } from './haproxy-edits.js';
import { radvdEdits } from './radvd-edits.js';

/**
 * Everything that a plan is on disk: the state, and the files that programs read.
 *
 * @param files edits that follow from no change; what follows from one comes before them
 * @param root the state root, which some files name
 */
export function allEdits(
  domain: Domain,
  { changes, files }: { readonly changes: readonly Change[]; readonly files: readonly FileEdit[] },
  root: string,
): FileEdit[] {
  const edits = [
    ...changeEdits(domain, changes),
    ...dnsmasqEdits(domain, changes, root),
    ...haproxyEdits(domain, changes, root),
    ...radvdEdits(changes),
  ];
  if (files.length === 0) return edits;
  const paths = new Set(edits.map(({ path }) => path));
  const trees = edits.flatMap((edit) => ('removeTree' in edit ? [`${edit.path}/`] : []));
  return [...edits, ...files.filter(({ path }) => !paths.has(path) && !trees.some((tree) => path.startsWith(tree)))];
}
