/** Changes of the model as file edits. */

import type { Change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import {
  removeAddress,
  removeNetwork,
  removePortForward,
  removeStaticNat,
  removeTier,
  removeTransient,
  writeAddress,
  writeNamespace,
  writeNetwork,
  writePortForward,
  writeStaticNat,
  writeTier,
} from './edits.js';
import type { FileEdit } from './file-edit.js';

/** The edits that put changes of a domain on disk. A network that ends takes its directories with it, not file by file. */
export function changeEdits(domain: Domain, changes: readonly Change[]): FileEdit[] {
  const ended =
    domain.id.kind === 'network'
      ? changes.find((change) => change.kind === 'network' && change.after?.active !== true)
      : undefined;
  return changes.flatMap((change): FileEdit[] => {
    if (ended !== undefined && change.kind !== 'network') return [];
    switch (change.kind) {
      case 'network':
        return networkEdits(domain, change);
      case 'address':
        return change.after === undefined
          ? removeAddress(domain.id, change.key)
          : writeAddress(domain.id, change.key, {
              sourceNat: change.after.sourceNat,
              vlan: change.after.vlan,
              owner: change.after.owner,
              range: { prefix: change.after.prefix, gateway: change.after.gateway, interface: undefined },
            });
      case 'staticNat':
        return change.after === undefined
          ? removeStaticNat(domain.id, change.key)
          : writeStaticNat(domain.id, change.key, change.after.privateIp);
      default: {
        const forward = change.after ?? change.before;
        if (forward === undefined) return [];
        return change.after === undefined
          ? removePortForward(domain.id, forward)
          : writePortForward(domain.id, forward);
      }
    }
  });
}

function networkEdits(domain: Domain, change: Change & { kind: 'network' }): FileEdit[] {
  const { id } = domain;
  const { key: networkId, after } = change;
  if (after === undefined) {
    return [...removeNetwork(networkId), ...(id.kind === 'vpc' ? removeTier(id.id, networkId) : [])];
  }
  if (!after.active && id.kind === 'network') return removeTransient(id);
  if (!after.active) return [];
  return [
    ...writeNetwork(networkId, after),
    ...writeNamespace(id, domain.namespace),
    ...(id.kind === 'vpc' ? writeTier(id.id, networkId) : []),
  ];
}
