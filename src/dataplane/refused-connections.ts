/**
 * Which tracked connections the rules would not let begin any more. Rules see only the first packet of a connection; one that was
 * allowed once would go on for as long as it likes, so it has to be ended when its rule goes.
 */

import type { Connection, Tuple } from '../kernel/connection.js';
import type { Acl } from '../model/acl.js';
import { cidrContains } from '../model/address.js';
import { type Domain, type Network, speaksIpv6 } from '../model/domain.js';
import type { Firewall } from '../model/firewall.js';
import { ipv6Contains } from '../model/ipv6.js';
import { tcpProtocol } from '../model/traffic.js';
import { filteringNetwork } from './filtering-network.js';
import { aclRuns, firewallGroups } from './list-groups.js';
import { clientAcl } from './load-balancer-rules.js';
import type { MatchGroup, Packet } from './match-group.js';
import type { Family } from './tables.js';

/** Whether one of `groups` has the packet. */
const some = (groups: readonly MatchGroup[], packet: Packet) => groups.some((group) => group.has(packet));

/** What a firewall lets in to its public addresses. */
function letsIn(firewall: Firewall, packet: Packet, family: Family): boolean {
  return some(firewallGroups(firewall, family).ingress, packet);
}

/** What a firewall lets its guests send. */
function letsOut(firewall: Firewall, packet: Packet, family: Family): boolean {
  return some(firewallGroups(firewall, family).egress, packet) !== firewall.defaultEgressAllow;
}

function allows(acl: Acl, direction: 'ingress' | 'egress', packet: Packet, family: Family): boolean {
  return aclRuns(acl, family)[direction].find(({ groups }) => some(groups, packet))?.allows === true;
}

/** What decides about connections of a domain as it is. */
export function refusedConnections(domain: Domain): (connection: Connection) => boolean {
  const ofIpv4 = refusedInIpv4(domain);
  const ofIpv6 = refusedInIpv6(domain);
  return (connection) => (connection.family === 'inet' ? ofIpv4 : ofIpv6)(connection);
}

/** Nothing is translated, so a connection is between those it names; what the namespace itself takes part in is not asked about. */
function refusedInIpv6(domain: Domain): (connection: Connection) => boolean {
  const networks = [...domain.network.values()].filter(speaksIpv6);
  const local = new Set(networks.map(({ ipv6 }) => ipv6?.gateway));
  const networkOf = (address: string) => networks.find(({ ipv6 }) => ipv6Contains(ipv6?.cidr, address))?.id ?? '';
  return ({ original }) => {
    if (local.has(original.source) || local.has(original.destination)) return false;
    const packet = packetOf(original);
    const from = networkOf(original.source);
    const to = networkOf(original.destination);
    if (from === '' && to === '') return false;
    if (!mayPass(domain, from, to, packet, 'ip6')) return true;
    // From one network of the namespace to another the sender's chain lets through.
    if (from !== '' || domain.acl.has(to)) return false;
    const firewall = domain.firewall.get(to);
    return firewall === undefined || !letsIn(firewall, packet, 'ip6');
  };
}

/** Whether the lists of the sending and of the receiving network let a packet be forwarded. */
function mayPass(domain: Domain, from: string, to: string, packet: Packet, family: Family): boolean {
  const firewall = domain.firewall.get(from);
  const sending = domain.acl.get(from);
  const receiving = domain.acl.get(to);
  return (
    (firewall === undefined || letsOut(firewall, packet, family)) &&
    (sending === undefined || allows(sending, 'egress', packet, family)) &&
    (receiving === undefined || allows(receiving, 'ingress', packet, family))
  );
}

function refusedInIpv4(domain: Domain): (connection: Connection) => boolean {
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

  return ({ original, reply }) => {
    const firewall = domain.firewall.get(filtering(original.destination) ?? '');
    if (firewall !== undefined && !letsIn(firewall, packetOf(original), 'ip')) return true;

    const balancer =
      original.protocol === tcpProtocol && original.destination === reply.source
        ? balancers.get(`${original.destination} ${original.destinationPort}`)
        : undefined;
    if (balancer !== undefined) {
      const acl = domain.acl.get(balancer.networkId);
      return acl !== undefined && !allows(clientAcl(acl, balancer), 'ingress', packetOf(original), 'ip');
    }

    // The rest is asked behind DNAT, of what is forwarded: not of what the namespace itself answers or asks.
    if (local.has(reply.source) || local.has(original.source)) return false;
    const packet = { ...packetOf(original), destination: reply.source, destinationPort: reply.sourcePort };
    const from = networkOf(original.source)?.id ?? '';
    const to = networkOf(reply.source)?.id ?? '';
    return !mayPass(domain, from, to, packet, 'ip');
  };
}

function packetOf({ source, destination, protocol, destinationPort, icmp }: Tuple): Packet {
  return { source, destination, protocol, destinationPort, icmp };
}
