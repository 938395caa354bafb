import type { Change } from '../model/change.js';
import { type Network, routedIpv6 } from '../model/domain.js';
import type { FileEdit } from './file-edit.js';
import { formatRadvdConfiguration } from './radvd-configuration.js';
import { radvdConfiguration } from './radvd-places.js';

/** The edits of radvd's files that changes of networks are. Of a network that is only shut down they stay; one that ends takes them with it. */
export function radvdEdits(changes: readonly Change[]): FileEdit[] {
  return changes.flatMap((change): FileEdit[] => {
    if (change.kind !== 'network' || change.after?.active !== true) return [];
    const path = radvdConfiguration(change.key);
    const text = configurationOf(change.after);
    if (text !== undefined) return [{ path, content: text }];
    // What says that it is to run is the file.
    return change.before !== undefined && configurationOf(change.before) !== undefined ? [{ path, remove: true }] : [];
  });
}

function configurationOf(network: Network): string | undefined {
  const ipv6 = routedIpv6(network);
  return network.link === undefined || ipv6 === undefined ? undefined : formatRadvdConfiguration(network.link, ipv6);
}
