/** Names of everything we make on a host (HOST-BEHAVIOUR, Names). Other tools and the shell wrapper rely on them. */

import { createHash } from 'node:crypto';
import type { Vlan } from './values.js';
import { formatVlan } from './vlan.js';

/** Longest interface name the kernel takes (IFNAMSIZ − 1), in characters. */
export const interfaceNameLength = 15;

/**
 * How a name came about. `plain`: as it is meant. `shortened`: the id (or device) was replaced by its short form. `cut`: even that was cut
 * at 15 characters. A name that is not plain can be the plain name of another network (VLAN 3998 with id 1048577 and with id 100001
 * both give `vph-3998-100001`) or be shared by several (cut), so a link found under it is ours only if its other end says so.
 */
export type NameForm = 'plain' | 'shortened' | 'cut';

/** The two ends of a veth pair. */
export interface VethNames {
  /** The end on the host, in the bridge. */
  readonly host: string;
  /** The end in the namespace. */
  readonly namespace: string;
  readonly form: NameForm;
}

/** The host side of a VLAN on one device. */
export interface HostSideNames {
  /** The link that is the bridge's port to the outside: the VLAN sub-interface, or the device itself when untagged. */
  readonly port: string;
  readonly bridge: string;
  readonly form: NameForm;
}

/** Namespace of an isolated or shared network whose details name none. */
export function networkNamespace(networkId: string): string {
  return `cs-net-${networkId}`;
}

export function vpcNamespace(vpcId: string): string {
  return `cs-vpc-${vpcId}`;
}

/** Whether a text can name a namespace of ours: 1–64 of `A–Z a–z 0–9 . _ -`, no leading dot. It becomes a file in /run/netns. */
export function isNamespaceName(text: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/.test(text);
}

/** Guest veth pair. `id` is the VPC's id for a tier, else the network's. */
export function guestVeth(vlan: Vlan, id: string): VethNames {
  return veth('vh', 'vn', vlan, id);
}

/** Public veth pair. `id` is the VPC's id for a tier, else the network's. */
export function publicVeth(vlan: Vlan, id: string): VethNames {
  return veth('vph', 'vpn', vlan, id);
}

/**
 * Port and bridge of a VLAN on a device. When `<dev>.<vlan>` or `br<dev>-<vlan>` would be too long, the *device* is what is shortened, by the
 * rule for text that is no number (6 hex digits of its MD5): `<md5>.4094` and `br<md5>-4094` always fit, so the VLAN is never cut and
 * two VLANs of a device never share a name (`br<md5>-untagged` loses its last two letters, which tell nothing apart). Each of the two names is shortened on its own: the bridge outgrows the limit first, and a
 * VLAN interface that an operator or the KVM agent has already made under its full name must still be found.
 */
export function hostSide(device: string, vlan: Vlan): HostSideNames {
  const port = vlan === 'untagged' ? plain(device) : shortenToFit((name) => `${name}.${formatVlan(vlan)}`, device);
  const bridge = shortenToFit((name) => `br${name}-${formatVlan(vlan)}`, device);
  return { port: port.name, bridge: bridge.name, form: port.form === 'plain' ? bridge.form : port.form };
}

/** DNAT of one network. */
export function dnatChain(networkId: string): string {
  return `CS_EXTNET_${networkId}_PR`;
}

/** SNAT of one network. */
export function snatChain(networkId: string): string {
  return `CS_EXTNET_${networkId}_POST`;
}

/** SNAT of a whole VPC. */
export function vpcSnatChain(vpcId: string): string {
  return `CS_EXTNET_${vpcId}_VPC_POST`;
}

/** Forwarding of one network. */
export function forwardChain(networkId: string): string {
  return `CS_EXTNET_FWD_${networkId}`;
}

/** Egress firewall of one network. */
export function egressChain(networkId: string): string {
  return `CS_EXTNET_FWRULES_${networkId}`;
}

/** Ingress firewall of one public address. Up to 29 characters: one more than iptables takes, nf_tables takes it. */
export function ingressChain(publicIp: string): string {
  return `CS_EXTNET_FWI_${publicIp}`;
}

/** What may come in to the public addresses of one network; their own chains lead here. */
export function ingressListChain(networkId: string): string {
  return `CS_EXTNET_FWI_${networkId}`;
}

/** Network ACL of one tier; with `direction` where the list is split. */
export function aclChain(networkId: string, direction?: 'IN' | 'OUT'): string {
  return direction === undefined ? `CS_EXTNET_ACL_${networkId}` : `CS_EXTNET_ACL_${direction}_${networkId}`;
}

/** What the ACL of a tier lets come to one of its load balancer rules. */
export function loadBalancerChain(ruleId: string): string {
  return `CS_EXTNET_LB_${ruleId}`;
}

/** The short form of an id: lower-case hex of a number, else the first 6 hex digits of the text's MD5. */
export function shortForm(text: string): string {
  if (/^[0-9]+$/.test(text)) return BigInt(text).toString(16);
  return createHash('md5').update(text).digest('hex').slice(0, 6);
}

interface FittedName {
  readonly name: string;
  readonly form: NameForm;
}

function plain(name: string): FittedName {
  return { name, form: 'plain' };
}

/** The 15-character rule, applied to the variable part of a name. */
function shortenToFit(build: (part: string) => string, part: string): FittedName {
  const whole = build(part);
  if (whole.length <= interfaceNameLength) return plain(whole);
  const shortened = build(shortForm(part));
  if (shortened.length <= interfaceNameLength) return { name: shortened, form: 'shortened' };
  return { name: shortened.slice(0, interfaceNameLength), form: 'cut' };
}

function veth(hostPrefix: string, namespacePrefix: string, vlan: Vlan, id: string): VethNames {
  const host = shortenToFit((part) => `${hostPrefix}-${formatVlan(vlan)}-${part}`, id);
  const namespace = shortenToFit((part) => `${namespacePrefix}-${formatVlan(vlan)}-${part}`, id);
  // Both prefixes have one length, so both ends have one form.
  return { host: host.name, namespace: namespace.name, form: host.form };
}
