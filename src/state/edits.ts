/** File edits for every kind of state, so that the layout is written down in one folder only. */

import { formatCidr } from '../model/address.js';
import type { DomainId, GuestIpv6 } from '../model/domain.js';
import type { Cidr } from '../model/values.js';
import { formatVlan } from '../model/vlan.js';
import type { StoredAddress, StoredNetwork } from './domain-files.js';
import type { FileEdit, FileWrite } from './file-edit.js';
import { domainDirectory, networkDirectory, policyRoutingFile, transientDirectories } from './layout.js';
import {
  formatPortForward,
  type PortForwardKey,
  portForwardFileName,
  type StoredPortForward,
} from './port-forward-file.js';
import { formatPublicRange } from './public-range.js';

/** What the file `guest-type` of a shared network says; there is none for other networks. */
export const sharedType = 'shared';

/**
 * The files of a network; what is undefined becomes an empty line, as the shell wrapper writes it, but for those of IPv6: a network that has it
 * keeps it. Our own: that it is a shared one.
 */
export function writeNetwork(networkId: string, network: StoredNetwork): FileEdit[] {
  const directory = networkDirectory(networkId);
  return [
    line(`${directory}/vlan`, network.vlan === undefined ? '' : formatVlan(network.vlan)),
    line(`${directory}/gateway`, network.gateway ?? ''),
    line(`${directory}/cidr`, network.cidr === undefined ? '' : formatCidr(network.cidr)),
    line(`${directory}/extension-ip`, network.extensionIp ?? ''),
    ...(network.isShared === true ? [line(`${directory}/guest-type`, sharedType)] : []),
    ...(network.ipv6 === undefined ? [] : writeIpv6(directory, network.ipv6)),
  ];
}

function writeIpv6(directory: string, { gateway, cidr, resolvers }: GuestIpv6): FileEdit[] {
  return [
    line(`${directory}/ip6-gateway`, gateway),
    line(`${directory}/ip6-cidr`, formatCidr(cidr)),
    resolvers.length === 0 ? remove(`${directory}/dns6`) : line(`${directory}/dns6`, resolvers.join(',')),
  ];
}

/** Everything of one network, its services' files included; its public addresses only when it is no tier. */
export function removeNetwork(networkId: string): FileEdit[] {
  return [removeTree(networkDirectory(networkId))];
}

export function writeNamespace(domain: DomainId, namespace: string): FileEdit[] {
  return [line(`${domainDirectory(domain)}/namespace`, namespace)];
}

export function writeVpcCidr(vpcId: string, cidr: Cidr | undefined): FileEdit[] {
  return cidr === undefined ? [] : [line(`${vpcDirectory(vpcId)}/cidr`, formatCidr(cidr))];
}

/** Notes a network as a tier of a VPC; the file is empty. */
export function writeTier(vpcId: string, networkId: string): FileEdit[] {
  return [{ path: `${vpcDirectory(vpcId)}/tiers/${networkId}`, content: '' }];
}

export function removeTier(vpcId: string, networkId: string): FileEdit[] {
  return [remove(`${vpcDirectory(vpcId)}/tiers/${networkId}`)];
}

export function removeVpc(vpcId: string): FileEdit[] {
  return [removeTree(vpcDirectory(vpcId))];
}

/** A public address as it is to be; files of what is undefined are removed. */
export function writeAddress(domain: DomainId, publicIp: string, address: StoredAddress): FileEdit[] {
  const file = `${domainDirectory(domain)}/ips/${publicIp}`;
  const range = `${domainDirectory(domain)}/public/${publicIp}`;
  return [
    line(file, String(address.sourceNat)),
    address.vlan === undefined ? remove(`${file}.pvlan`) : line(`${file}.pvlan`, formatVlan(address.vlan)),
    address.owner === undefined ? remove(`${file}.tier`) : line(`${file}.tier`, address.owner),
    address.range === undefined ? remove(range) : { path: range, content: formatPublicRange(address.range) },
  ];
}

export function removeAddress(domain: DomainId, publicIp: string): FileEdit[] {
  const file = `${domainDirectory(domain)}/ips/${publicIp}`;
  const range = `${domainDirectory(domain)}/public/${publicIp}`;
  return [remove(file), remove(`${file}.pvlan`), remove(`${file}.tier`), remove(range)];
}

export function writeStaticNat(domain: DomainId, publicIp: string, privateIp: string): FileEdit[] {
  return [line(`${domainDirectory(domain)}/static-nat/${publicIp}`, privateIp)];
}

export function removeStaticNat(domain: DomainId, publicIp: string): FileEdit[] {
  return [remove(`${domainDirectory(domain)}/static-nat/${publicIp}`)];
}

/** A port forward under our name; a file of the shell wrapper for the same one goes, it could hold another destination. */
export function writePortForward(
  domain: DomainId,
  forward: StoredPortForward,
  foreignNames: readonly string[] = [],
): FileEdit[] {
  const path = portForwardPath(domain, portForwardFileName(forward));
  return [{ path, content: formatPortForward(forward) }, ...removeForeign(domain, foreignNames)];
}

/** @param foreignNames of the files that say the same, beside our own */
export function removePortForward(
  domain: DomainId,
  key: PortForwardKey,
  foreignNames: readonly string[] = [],
): FileEdit[] {
  return [remove(portForwardPath(domain, portForwardFileName(key))), ...removeForeign(domain, foreignNames)];
}

/** The firewall or ACL of a network; undefined removes it. */
export function writeRules(
  networkId: string,
  kind: 'firewall' | 'acl',
  content: FileWrite['content'] | undefined,
): FileEdit[] {
  const path = `${networkDirectory(networkId)}/${kind}`;
  return [content === undefined ? remove(path) : { path, content }];
}

/** What custom actions have asked for; without any there is no file. */
export function writePolicyRouting(domain: DomainId, text: string): FileEdit[] {
  const path = `${domainDirectory(domain)}/${policyRoutingFile}`;
  return [text === '' ? remove(path) : { path, content: text }];
}

/** What a domain loses when its namespace goes: public addresses, static NATs, port forwards. */
export function removeTransient(domain: DomainId): FileEdit[] {
  return transientDirectories.map((name) => removeTree(`${domainDirectory(domain)}/${name}`));
}

function portForwardPath(domain: DomainId, name: string): string {
  return `${domainDirectory(domain)}/port-forward/${name}`;
}

function removeForeign(domain: DomainId, names: readonly string[]): FileEdit[] {
  return names.map((name) => remove(portForwardPath(domain, name)));
}

function vpcDirectory(vpcId: string): string {
  return domainDirectory({ kind: 'vpc', id: vpcId });
}

function line(path: string, text: string): FileEdit {
  return { path, content: `${text}\n` };
}

function remove(path: string): FileEdit {
  return { path, remove: true };
}

function removeTree(path: string): FileEdit {
  return { path, removeTree: true };
}
