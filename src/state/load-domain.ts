/** What is on disk as a model. */

import { applyChange, change } from '../model/change.js';
import { Domain, type DomainId, type Entries, type EntryKind, portForwardKey } from '../model/domain.js';
import { guestKey } from '../model/name-service.js';
import { guestVeth, publicVeth } from '../model/names.js';
import type { DomainFiles } from './domain-files.js';
import { portForwardFileName } from './port-forward-file.js';

/**
 * A domain as its state files tell it. Networks are not active yet: whether they are is known only by looking into the kernel.
 *
 * @param namespace name of the namespace, when the files do not say
 */
export function loadDomain(id: DomainId, files: DomainFiles, namespace: string): Domain {
  const domain = new Domain(id, namespace);
  const set = <Kind extends EntryKind>(kind: Kind, key: string, value: Entries[Kind]) => {
    for (const edit of change(domain, kind, key, value)) applyChange(domain, edit);
  };
  if (id.kind === 'vpc' && files.exists) set('vpc', id.id, { cidr: files.vpcCidr });
  for (const [networkId, firewall] of files.firewalls) set('firewall', networkId, firewall);
  for (const [networkId, acl] of files.acls) set('acl', networkId, acl);
  if (files.policyRouting !== undefined) set('policyRouting', id.id, files.policyRouting);
  for (const [networkId, { service, leases, names, nicOptions }] of files.nameServices) {
    set('nameService', networkId, service);
    for (const lease of leases) set('lease', guestKey(networkId, lease.mac), lease);
    for (const name of names) set('guestName', guestKey(networkId, name.ip), name);
    for (const nic of nicOptions) set('nicOptions', guestKey(networkId, nic.nicId), nic);
  }
  for (const networkId of files.userData) set('userData', networkId, { isKept: true });
  for (const [networkId, stored] of files.networks) {
    set('network', networkId, {
      id: networkId,
      active: false,
      ...stored,
      link: stored.vlan === undefined ? undefined : guestVeth(stored.vlan, id.id).namespace,
    });
  }
  for (const [address, stored] of files.addresses) {
    // Without its VLAN nothing can be done with an address: CloudStack sends it again with the next rule.
    if (stored.vlan === undefined) continue;
    set('address', address, {
      address,
      vlan: stored.vlan,
      prefix: stored.range?.prefix ?? 32,
      gateway: stored.range?.gateway,
      sourceNat: stored.sourceNat,
      owner: stored.owner,
      link: publicVeth(stored.vlan, id.id).namespace,
    });
  }
  for (const [publicIp, privateIp] of files.staticNats) set('staticNat', publicIp, { publicIp, privateIp });
  for (const forward of files.portForwards) {
    const key = portForwardKey(forward);
    set('portForward', key, forward);
    const foreign = files.foreignPortForwards.get(portForwardFileName(forward));
    if (foreign !== undefined) domain.foreignFiles.set(key, foreign);
  }
  for (const rule of files.loadBalancers) {
    // On an address that is not there haproxy cannot listen, and with one such rule it would not start.
    if (domain.address.has(rule.publicIp)) set('loadBalancer', rule.id, rule);
  }
  return domain;
}
