/** Networks of VPCs and subnets: IPv4 prefixes with their host bits cleared. */

import {
  cidrContains,
  formatAddress,
  formatCidr,
  isHostAddress,
  networkOf,
  parseAddress,
  parseCidr,
} from '../../model/address.js';
import type { Cidr } from '../../model/values.js';
import { VpcctlError } from '../vpcctl-error.js';

/** A longer prefix has no two usable addresses: one for the gateway, one for a subnet. */
const longestVpcPrefix = 30;

/**
 * The network of a VPC or subnet.
 *
 * @param what whose it is, in words, for the error
 * @throws VpcctlError when the text is no network of hosts, or has host bits set
 */
export function parseNetwork(text: string, what: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined || cidr.prefix === 0 || !isHostAddress(networkOf(cidr).address)) {
    throw new VpcctlError(`${what}: "${text}" is no IPv4 network; expected for example 10.0.0.0/16`);
  }
  const network = networkOf(cidr);
  if (network.address !== cidr.address) {
    throw new VpcctlError(`${what}: "${text}" has host bits set; expected ${formatCidr(network)}`);
  }
  return network;
}

/** The network of a VPC, with room for a gateway and a subnet. */
export function parseVpcNetwork(text: string, what: string): Cidr {
  const network = parseNetwork(text, what);
  if (network.prefix > longestVpcPrefix) {
    throw new VpcctlError(
      `${what}: "${text}" has no room for subnets; expected a prefix length up to ${longestVpcPrefix}`,
    );
  }
  return network;
}

export function overlaps(one: Cidr, other: Cidr): boolean {
  return cidrContains(one, other.address) || cidrContains(other, one.address);
}

/** Whether `inner` lies in `outer` as a whole. */
export function isWithin(inner: Cidr, outer: Cidr): boolean {
  return inner.prefix >= outer.prefix && cidrContains(outer, inner.address);
}

/** The last address, which in networks of more than two is for broadcasts. */
export function lastAddress({ address, prefix }: Cidr): string {
  return formatAddress((parseAddress(address) ?? 0) + 2 ** (32 - prefix) - 1);
}

/** The n-th usable address, counted from 1, or the last usable one of a smaller network. */
function usableAddress(network: Cidr, n: number): string {
  const first = parseAddress(network.address) ?? 0;
  const size = 2 ** (32 - network.prefix);
  // A network of two is a point-to-point link (RFC 3021): both addresses are hosts'.
  const [lowest, highest] = size <= 2 ? [0, size - 1] : [1, size - 2];
  return formatAddress(first + Math.min(lowest + n - 1, highest));
}

/** The gateway of a VPC: its first usable address, which its bridge has. */
export function gatewayOf(vpc: Cidr): string {
  return usableAddress(vpc, 1);
}

/** The host's address in a subnet: .10, or the last usable one. */
export function hostAddressOf(subnet: Cidr): string {
  return usableAddress(subnet, 10);
}
