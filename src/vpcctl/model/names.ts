/** Names of what a VPC consists of. */

import { createHash } from 'node:crypto';
import { interfaceNameLength } from '../../model/names.js';
import { VpcctlError } from '../vpcctl-error.js';

export const nameForm = /^[a-z0-9-]{1,32}$/;

/** @throws VpcctlError when a text is no name of a VPC or subnet */
export function requireName(text: string, what: 'VPC' | 'subnet'): string {
  if (nameForm.test(text)) return text;
  throw new VpcctlError(`${what} name "${text}": expected 1 to 32 of a–z, 0–9 and "-"`);
}

/** The first hexadecimal digits of a digest: the same for the same text wherever and whenever it is asked for. */
function digest(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

/** Whether a name belongs to somebody else. */
export type IsTaken = (name: string) => boolean;

function fitting(plain: string, shortened: string, isTaken: IsTaken): string {
  return plain.length <= interfaceNameLength && !isTaken(plain) ? plain : shortened;
}

export const plainBridgeName = (vpc: string): string => `br-${vpc}`;
export const plainHostEnd = (subnet: string): string => `veth-${subnet}`;
export const plainNamespaceName = (vpc: string, subnet: string): string => `${vpc}-${subnet}`;

/** The bridge of a VPC: `br-<vpc>`, shortened by a digest when that is too long or taken. */
export function bridgeName(vpc: string, isTaken: IsTaken): string {
  return fitting(plainBridgeName(vpc), `br-${digest(vpc, 10)}`, isTaken);
}

/** The host's end of a subnet's pair: `veth-<subnet>`. */
export function hostEndName(vpc: string, subnet: string, isTaken: IsTaken): string {
  return fitting(plainHostEnd(subnet), `veth-${digest(`${vpc}/${subnet}`, 10)}`, isTaken);
}

/** The subnet's end of its pair: `veth-<subnet>-ns`. It lies in the subnet's own namespace, where nobody else has it. */
export function namespaceEndName(vpc: string, subnet: string): string {
  return fitting(`veth-${subnet}-ns`, `veth-${digest(`${vpc}/${subnet}`, 7)}-ns`, () => false);
}

/** `<vpc>-<subnet>`; `a-b` with `c` and `a` with `b-c` would have the same one. */
export function subnetNamespaceName(vpc: string, subnet: string, isTaken: IsTaken): string {
  const plain = plainNamespaceName(vpc, subnet);
  return isTaken(plain) ? `${plain}-${digest(`${vpc}/${subnet}`, 8)}` : plain;
}

/** The end of a peering's pair that is a port of `vpc`'s bridge. */
export function peerLinkName(vpc: string, peer: string): string {
  return `peer-${digest(`${vpc}/${peer}`, 10)}`;
}

/**
 * A hardware address of our own for a bridge. The kernel would give it that of a port, and another one when a port with a lower address comes;
 * then nobody would reach the gateway until their neighbour entries are renewed.
 */
export function bridgeHardwareAddress(vpc: string): string {
  // 02: administered locally, one station (IEEE 802).
  return `02:${(digest(vpc, 10).match(/../g) ?? []).join(':')}`;
}
