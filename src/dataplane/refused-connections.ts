/**
 * Which tracked connections the rules would not let begin any more. Rules see only the first packet of a connection; one that was
 * allowed once would go on for as long as it likes, so it has to be ended when its rule goes.
 */

import type { Connection, Tuple } from '../kernel/connection.js';
import type { Acl } from '../model/acl.js';
import { cidrContains } from '../model/address.js';
import type { Domain, Network } from '../model/domain.js';
import type { Firewall } from '../model/firewall.js';
import { tcpProtocol } from '../model/traffic.js';
import { filteringNetwork } from './filtering-network.js';
import { aclRuns, firewallGroups } from './list-groups.js';
import { clientAcl } from './load-balancer-rules.js';
import type { MatchGroup, Packet } from './match-group.js';

/** Whether one of `groups` has the packet. */
const some = (groups: readonly MatchGroup[], packet: Packet) => groups.some((group) => group.has(packet));

/** What a firewall lets in to its public addresses. */
function letsIn(firewall: Firewall, packet: Packet): boolean {
  return some(firewallGroups(firewall).ingress, packet);
}

/** What a firewall lets its guests send. */
function letsOut(firewall: Firewall, packet: Packet): boolean {
  return some(firewallGroups(firewall).egress, packet) !== firewall.defaultEgressAllow;
}

function allows(acl: Acl, direction: 'ingress' | 'egress', packet: Packet): boolean {
  return aclRuns(acl)[direction].find(({ groups }) => some(groups, packet))?.allows === true;
}

/** What decides about connections of a domain as it is. */
export function refusedConnections(domain: Domain): (connection: Connection) => boolean {
  const networks = [...domain.network.values()].filter((network) => network.active);
  const local = new Set([
    ...domain.address.keys(),
    ...networks.flatMap(({ extensionIp }) => (extensionIp === undefined ? [] : [extensionIp])),
  ]);
  const filters = new Map<string, string | undefined>();
  const filtering = (publicIp: string) => {
    if (!filters.has(publicIp)) filters.set(publicIp, filteringNetwork(domain, publicIp));
    return filters.get(publicIp);
  };
  const balancers = new Map(
    [...domain.loadBalancer.values()].map((rule) => [`${rule.publicIp} ${rule.publicPort}`, rule]),
  );
  const networkOf = (address: string): Network | undefined =>
    networks.find(({ cidr }) => cidr !== undefined && cidrContains(cidr, address));

  return ({ family, original, reply }) => {
    if (family !== 'inet') return false;
    const firewall = domain.firewall.get(filtering(original.destination) ?? '');
    if (firewall !== undefined && !letsIn(firewall, packetOf(original))) return true;

    const balancer =
      original.protocol === tcpProtocol && original.destination === reply.source
        ? balancers.get(`${original.destination} ${original.destinationPort}`)
        : undefined;
    if (balancer !== undefined) {
      const acl = domain.acl.get(balancer.networkId);
      return acl !== undefined && !allows(clientAcl(acl, balancer), 'ingress', packetOf(original));
    }

    // The rest is asked behind DNAT, of what is forwarded: not of what the namespace itself answers or asks.
    if (local.has(reply.source) || local.has(original.source)) return false;
    const packet = { ...packetOf(original), destination: reply.source, destinationPort: reply.sourcePort };
    const from = networkOf(original.source)?.id ?? '';
    const to = networkOf(reply.source)?.id ?? '';
    const sending = domain.firewall.get(from);
    const sendingList = domain.acl.get(from);
    const receivingList = domain.acl.get(to);
    return (
      (sending !== undefined && !letsOut(sending, packet)) ||
      (sendingList !== undefined && !allows(sendingList, 'egress', packet)) ||
      (receivingList !== undefined && !allows(receivingList, 'ingress', packet))
    );
  };
}

function packetOf({ source, destination, protocol, destinationPort, icmp }: Tuple): Packet {
  return { source, destination, protocol, destinationPort, icmp };
}
