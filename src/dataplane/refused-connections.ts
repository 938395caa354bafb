/**
 * Which tracked connections the rules would not let begin any more. Rules see only the first packet of a connection; one that was
 * allowed once would go on for as long as it likes, so it has to be ended when its rule goes.
 */

import type { Connection, Tuple } from '../kernel/connection.js';
import type { Acl } from '../model/acl.js';
import { cidrContains } from '../model/address.js';
import type { Domain, Network } from '../model/domain.js';
import type { Firewall } from '../model/firewall.js';
import { aclRuns } from './acl-rules.js';
import { filteringNetwork } from './filtering-network.js';
import { aclMatches, egressMatches, ingressMatches } from './match.js';
import { MatchGroup, type Packet } from './match-group.js';

/** Whether one of `groups` has the packet. */
const some = (groups: readonly MatchGroup[], packet: Packet) => groups.some((group) => group.has(packet));

/** A list, ready to be asked. */
type Decision = (packet: Packet) => boolean;

interface FirewallDecisions {
  readonly ingress: Decision;
  readonly egress: Decision;
}

function firewallDecisions(firewall: Firewall): FirewallDecisions {
  const ingress = MatchGroup.group(ingressMatches(firewall.ingress));
  const egress = MatchGroup.group(egressMatches(firewall.egress));
  return {
    ingress: (packet) => some(ingress, packet),
    egress: (packet) => some(egress, packet) !== firewall.defaultEgressAllow,
  };
}

function aclDecision(acl: Acl, direction: 'ingress' | 'egress'): Decision {
  const runs = aclRuns(acl.rules, direction).map((run) => ({
    allows: run[0]?.action === 'allow',
    groups: MatchGroup.group(run.flatMap(aclMatches)),
  }));
  return (packet) => runs.find(({ groups }) => some(groups, packet))?.allows === true;
}

/** What decides about connections of a domain as it is. */
export function refusedConnections(domain: Domain): (connection: Connection) => boolean {
  const networks = [...domain.network.values()].filter((network) => network.active);
  const local = new Set([
    ...domain.address.keys(),
    ...networks.flatMap(({ extensionIp }) => (extensionIp === undefined ? [] : [extensionIp])),
  ]);
  const firewalls = new Map([...domain.firewall].map(([id, firewall]) => [id, firewallDecisions(firewall)]));
  const lists = new Map(
    [...domain.acl].map(([id, acl]) => [
      id,
      { ingress: aclDecision(acl, 'ingress'), egress: aclDecision(acl, 'egress') },
    ]),
  );
  const filters = new Map<string, string | undefined>();
  const filtering = (publicIp: string) => {
    if (!filters.has(publicIp)) filters.set(publicIp, filteringNetwork(domain, publicIp));
    return filters.get(publicIp);
  };
  const networkOf = (address: string): Network | undefined =>
    networks.find(({ cidr }) => cidr !== undefined && cidrContains(cidr, address));

  return ({ family, original, reply }) => {
    if (family !== 'inet') return false;
    const firewall = firewalls.get(filtering(original.destination) ?? '');
    if (firewall?.ingress(packetOf(original)) === false) return true;

    // The rest is asked behind DNAT, of what is forwarded: not of what the namespace itself answers or asks.
    if (local.has(reply.source) || local.has(original.source)) return false;
    const packet = { ...packetOf(original), destination: reply.source, destinationPort: reply.sourcePort };
    const from = networkOf(original.source)?.id ?? '';
    const to = networkOf(reply.source)?.id ?? '';
    return (
      firewalls.get(from)?.egress(packet) === false ||
      lists.get(from)?.egress(packet) === false ||
      lists.get(to)?.ingress(packet) === false
    );
  };
}

function packetOf({ source, destination, protocol, destinationPort, icmp }: Tuple): Packet {
  return { source, destination, protocol, destinationPort, icmp };
}
