/** Changes of the model as file edits. */

import type { Change } from '../model/change.js';
import type { Domain, EntryKind } from '../model/domain.js';
import {
  removeAddress,
  removeNetwork,
  removePortForward,
  removeStaticNat,
  removeTier,
  removeTransient,
  removeVpc,
  writeAddress,
  writeNamespace,
  writeNetwork,
  writePolicyRouting,
  writePortForward,
  writeRules,
  writeStaticNat,
  writeTier,
  writeVpcCidr,
} from './edits.js';
import type { FileEdit } from './file-edit.js';

/** The kinds whose files lie in directories of their own, which go as a whole when the domain ends. */
const inTransientDirectories: ReadonlySet<EntryKind> = new Set(['address', 'staticNat', 'portForward']);

/**
 * The edits that put changes of a domain on disk. A domain that ends takes its directories with it, not file by file: an isolated network
 * with itself, a VPC when its own entry goes.
 */
export function changeEdits(domain: Domain, changes: readonly Change[]): FileEdit[] {
  const ended = changes.some((change) =>
    domain.id.kind === 'network'
      ? change.kind === 'network' && change.after?.active !== true
      : change.kind === 'vpc' && change.after === undefined,
  );
  const edits = changes
    .filter((change) => !(ended && inTransientDirectories.has(change.kind)))
    .flatMap((change) => editsOf(domain, change));
  const trees = edits.filter((edit) => 'removeTree' in edit).map((edit) => `${edit.path}/`);
  const left = edits.filter((edit) => !trees.some((tree) => edit.path.startsWith(tree)));
  // A VPC and its first tier both say which namespace they are in: each file is written once.
  return [...new Map(left.map((edit) => [edit.path, edit])).values()];
}

function editsOf(domain: Domain, change: Change): FileEdit[] {
  switch (change.kind) {
    case 'vpc':
      return change.after === undefined
        ? removeVpc(change.key)
        : [...writeVpcCidr(change.key, change.after.cidr), ...writeNamespace(domain.id, domain.namespace)];
    case 'firewall':
      return writeRules(change.key, change.kind, change.after?.bytes);
    case 'acl':
      return writeRules(change.key, change.kind, change.after?.text);
    case 'policyRouting':
      return writePolicyRouting(domain.id, change.after?.text ?? '');
    case 'nameService':
    case 'lease':
    case 'guestName':
    case 'nicOptions':
    case 'loadBalancer':
    // Many of them make one file: see allEdits.
    case 'userData':
      // The files themselves say it.
      return [];
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
    case 'portForward': {
      const forward = change.after ?? change.before;
      if (forward === undefined) return [];
      const foreign = domain.foreignFiles.get(change.key) ?? [];
      return change.after === undefined
        ? removePortForward(domain.id, forward, foreign)
        : writePortForward(domain.id, forward, foreign);
    }
  }
}

function networkEdits(domain: Domain, change: Change & { kind: 'network' }): FileEdit[] {
  const { id } = domain;
  const { key: networkId, after } = change;
  if (after === undefined) {
    return [...removeNetwork(networkId), ...(id.kind === 'vpc' ? removeTier(id.id, networkId) : [])];
  }
  if (!after.active) return id.kind === 'network' ? removeTransient(id) : [];
  return [
    ...writeNetwork(networkId, after),
    ...writeNamespace(id, domain.namespace),
    ...(id.kind === 'vpc' ? writeTier(id.id, networkId) : []),
  ];
}
