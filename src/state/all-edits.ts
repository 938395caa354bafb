import type { Change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { changeEdits } from './change-edits.js';
import { dnsmasqEdits } from './dnsmasq-edits.js';
import type { FileEdit } from './file-edit.js';
import { haproxyEdits } from './haproxy-edits.js';

/**
 * Everything that changes of a domain are on disk: the state, and the files that programs read.
 *
 * @param root the state root, which some files name
 */
export function allEdits(domain: Domain, changes: readonly Change[], root: string): FileEdit[] {
  return [
    ...changeEdits(domain, changes),
    ...dnsmasqEdits(domain, changes, root),
    ...haproxyEdits(domain, changes, root),
  ];
}
