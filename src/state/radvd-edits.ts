import type { Change } from '../model/change.js';
import type { FileEdit } from './file-edit.js';
import { formatRadvdConfiguration } from './radvd-configuration.js';
import { radvdConfiguration } from './radvd-places.js';

/** The edits of radvd's files that changes of networks are. Of a network that is only shut down they stay; one that ends takes them with it. */
export function radvdEdits(changes: readonly Change[]): FileEdit[] {
  return changes.flatMap((change): FileEdit[] => {
    if (change.kind !== 'network' || change.after?.active !== true) return [];
    const { link, ipv6 } = change.after;
    if (link === undefined || ipv6 === undefined) return [];
    return [{ path: radvdConfiguration(change.key), content: formatRadvdConfiguration(link, ipv6) }];
  });
}
