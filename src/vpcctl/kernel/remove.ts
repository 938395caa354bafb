/** What is in one state of the VPCs and not in another goes from the kernel. */

import { LinkRemoval } from '../../executor/link-removal.js';
import type { NamespaceIdentity } from '../../kernel/native.js';
import { deleteRoute } from '../../kernel/route/route.js';
import { deleteRule } from '../../kernel/route/rule.js';
import { cidrContains } from '../../model/address.js';
import { networkIn, peersOf, type Subnet, type Vpc, type Vpcs } from '../model/vpc.js';
import { hasPeers } from '../rules/bridge-table.js';
import { ownRoute, policyRule } from './bridges.js';
import { hostRules } from './converge.js';
import { type HostSession, perform, type Wanted } from './host-session.js';
import { endProcesses } from './processes.js';
import { setPolicy } from './subnets.js';

/** What goes. */
export interface Removed {
  readonly vpcs: readonly Vpc[];
  readonly subnets: readonly Subnet[];
  /** Pairs of VPCs that were peers. */
  readonly peerings: readonly (readonly [Vpc, Vpc])[];
  /** One end of each pair that joined peers; also of those whose other side went by itself. */
  readonly peerLinks: readonly string[];
  /** Subnets that stay without their policy. */
  readonly policies: readonly Subnet[];
  /** VPCs that stay without NAT. */
  readonly nat: readonly Vpc[];
}

export function removedBetween(before: Vpcs, after: Vpcs): Removed {
  const all = [...before.values()];
  const staying = all.flatMap((vpc) => {
    const now = after.get(vpc.name);
    return now === undefined ? [] : [{ vpc, now }];
  });
  const subnetNow = (now: Vpc | undefined, { name, namespace }: Subnet) =>
    now?.subnets.find((one) => one.name === name && one.namespace === namespace);
  const peerings = all.flatMap((vpc) =>
    peersOf(vpc, before)
      .filter((peer) => vpc.name < peer.name && !areStillPeers(after, vpc, peer))
      .map((peer) => [vpc, peer] as const),
  );
  return {
    vpcs: all.filter(({ name }) => !after.has(name)),
    subnets: all.flatMap((vpc) =>
      vpc.subnets.filter((subnet) => {
        const now = subnetNow(after.get(vpc.name), subnet);
        return now === undefined || now.cidr !== subnet.cidr;
      }),
    ),
    peerings,
    peerLinks: [...peerLinksOf(before)].filter(([pair]) => !peerLinksOf(after).has(pair)).map(([, link]) => link),
    policies: staying.flatMap(({ vpc, now }) =>
      vpc.subnets.flatMap((subnet) => {
        const left = subnetNow(now, subnet);
        return subnet.policy !== undefined && left !== undefined && left.policy === undefined ? [left] : [];
      }),
    ),
    nat: staying.flatMap(({ vpc, now }) =>
      vpc.nat_interface !== undefined && now.nat_interface === undefined ? [vpc] : [],
    ),
  };
}

/** By the names of the two VPCs. */
function peerLinksOf(vpcs: Vpcs): Map<string, string> {
  const links = new Map<string, string>();
  for (const { name, peering } of vpcs.values()) {
    for (const { peer_vpc, veth } of peering)
      if (veth !== undefined) links.set([name, peer_vpc].sort().join(' '), veth);
  }
  return links;
}

function areStillPeers(after: Vpcs, vpc: Vpc, peer: Vpc): boolean {
  const now = after.get(vpc.name);
  return now !== undefined && peersOf(now, after).some(({ name }) => name === peer.name);
}

export function isNothing(removed: Removed): boolean {
  return Object.values(removed).every((list: readonly unknown[]) => list.length === 0);
}

/** Takes all of it away; what is gone already is as good. Rules first: what still stands is apart from everything. */
export async function remove(session: HostSession, before: Vpcs, after: Vpcs, removed: Removed): Promise<void> {
  const { kernel, route } = session;
  await session.runRules(hostRules(after, hasPeers(before) || hasPeers(after)));
  for (const subnet of removed.policies) if (kernel.isNamespace(subnet.namespace)) await setPolicy(session, subnet);

  const namespaces = removed.subnets.map(({ namespace }) => namespace).filter((name) => kernel.isNamespace(name));
  await endProcesses(namespaces.map((name): NamespaceIdentity => kernel.identifyNamespace(name)));

  const names = [
    ...removed.vpcs.map(({ bridge }) => bridge),
    ...removed.subnets.map(({ veth_host }) => veth_host),
    ...removed.peerLinks,
  ];
  const links = await route.linksNamed([...names, ...removed.peerings.flat().map(({ bridge }) => bridge)]);
  const wanted = [
    ...removed.vpcs.map((vpc): Wanted => ({ operation: deleteRule(policyRule(vpc)), tolerate: ['ENOENT'] })),
    ...removed.peerings.flatMap(([one, other]) => [...peerRoute(one, other), ...peerRoute(other, one)]),
  ];
  await perform(route, wanted);
  await new LinkRemoval(route).remove(names.flatMap((name) => links.get(name) ?? []));
  await Promise.all(namespaces.map((name) => kernel.deleteNamespace(name)));

  const cutOff = [...removed.vpcs, ...removed.nat].filter(({ nat_interface }) => nat_interface !== undefined);
  await endConnections(session, [...cutOff, ...removed.subnets.filter(({ nat_enabled }) => nat_enabled)]);

  function peerRoute(vpc: Vpc, peer: Vpc): Wanted[] {
    const link = links.get(vpc.bridge)?.index;
    if (link === undefined) return [];
    return [{ operation: deleteRoute(ownRoute(vpc, peer.cidr, link)), tolerate: ['ESRCH', 'ENOENT'] }];
  }
}

/** A connection that is tracked would be let back in by its answers. */
async function endConnections(session: HostSession, networks: readonly { readonly cidr: string }[]): Promise<void> {
  if (networks.length === 0) return;
  const ranges = networks.map(({ cidr }) => networkIn(cidr));
  const netfilter = await session.netfilter();
  await netfilter.endConnectionsWhere(({ original }) => ranges.some((range) => cidrContains(range, original.source)));
}
