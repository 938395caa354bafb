import type { GuestIpv6 } from '../model/domain.js';
import { ipv6Contains } from '../model/ipv6.js';
import type { Cidr } from '../model/values.js';
import { ContractError } from './contract-error.js';
import { quote } from './quote.js';
import type { RawCall } from './raw-call.js';
import { ipv6Address, ipv6Addresses, ipv6Cidr } from './values.js';

/** What a network command of generation 2 says about the network's IPv6 side (CONTRACT §1.2, §10). */
export const guestIpv6Fields = {
  network_ip6_gateway: ipv6Address.optional(),
  network_ip6_cidr: ipv6Cidr.optional(),
  dns6: ipv6Addresses.optional(),
};

/**
 * Undefined unless both gateway and network were sent: what is known of the network stays.
 *
 * @throws ContractError when the gateway is not in the network
 */
export function guestIpv6Of(
  call: RawCall,
  values: {
    readonly network_ip6_gateway?: string | undefined;
    readonly network_ip6_cidr?: Cidr | undefined;
    readonly dns6?: readonly string[] | undefined;
  },
): GuestIpv6 | undefined {
  const { network_ip6_gateway: gateway, network_ip6_cidr: cidr, dns6 } = values;
  if (gateway === undefined || cidr === undefined) return undefined;
  if (!ipv6Contains(cidr, gateway)) {
    throw new ContractError(
      `${call.command}: ${call.spelling('network_ip6_gateway')} ${quote(gateway)}: expected an address in ${cidr.address}/${cidr.prefix}`,
    );
  }
  return { gateway, cidr, resolvers: dns6 ?? [] };
}
