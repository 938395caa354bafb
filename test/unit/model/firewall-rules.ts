/** Firewalls from rules that are written out one by one. */

import { formatCidr, parseAddress } from '../../../src/model/address.js';
import { Firewall } from '../../../src/model/firewall.js';
import { FirewallListBuilder } from '../../../src/model/firewall-list.js';
import type { NetworkListsBuilder } from '../../../src/model/network-lists.js';
import type { Networks, Traffic } from '../../../src/model/traffic.js';

export interface IngressRule {
  readonly publicIp: string;
  readonly traffic: Traffic;
  readonly sources: Networks;
}

export interface EgressRule {
  readonly traffic: Traffic;
  readonly sources: Networks;
  readonly destinations: Networks;
}

/** What the state file holds. */
export function textOf(firewall: Firewall): string {
  return Buffer.from(firewall.bytes).toString();
}

export function firewallWith(
  defaultEgressAllow: boolean,
  ingress: readonly IngressRule[] = [],
  egress: readonly EgressRule[] = [],
): Firewall {
  const lists = { ingress: new FirewallListBuilder(), egress: new FirewallListBuilder() };
  for (const { publicIp, traffic, sources } of ingress) {
    lists.ingress.add(parseAddress(publicIp) ?? 0, traffic);
    addNetworks(lists.ingress.sources, sources);
    lists.ingress.destinations.any();
  }
  for (const { traffic, sources, destinations } of egress) {
    lists.egress.add(0, traffic);
    addNetworks(lists.egress.sources, sources);
    addNetworks(lists.egress.destinations, destinations);
  }
  return new Firewall(defaultEgressAllow, lists.ingress.finish(), lists.egress.finish());
}

function addNetworks(into: NetworkListsBuilder, networks: Networks): void {
  if (networks === 'any') {
    into.any();
    return;
  }
  into.begin();
  for (const cidr of [...networks.ipv4, ...networks.ipv6]) into.addText(formatCidr(cidr));
}
