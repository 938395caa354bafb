/** Bridges of VPCs: made, addressed, and with a routing table of their own. */

import type { Sysctl } from '../../kernel/native.js';
import { replaceAddress } from '../../kernel/route/address.js';
import { addLink, changeLink, type Link } from '../../kernel/route/link.js';
import { type Route, replaceRoute } from '../../kernel/route/route.js';
import { addRule, type PolicyRule } from '../../kernel/route/rule.js';
import { bridgeHardwareAddress } from '../model/names.js';
import { gatewayOf, lastAddress } from '../model/network.js';
import { networkIn, peersOf, type Vpc, type Vpcs } from '../model/vpc.js';
import { VpcctlError } from '../vpcctl-error.js';
import { type HostSession, perform, type Wanted } from './host-session.js';
import { steerPackets } from './packet-steering.js';

/** Before the rule of the main table (32,766), after what operators put first. */
const rulePriority = 20_000;

/** What comes from a VPC is routed by the VPC's own table first: networks of two VPCs may be the same. */
export function policyRule({ bridge, routing_table }: Vpc): PolicyRule {
  return {
    object: 'rule',
    family: 'inet',
    inputLink: bridge,
    priority: rulePriority,
    ...(routing_table === undefined ? {} : { table: routing_table }),
  };
}

/** A route of the VPC's table to its own network or to a peer's, which lies behind the same bridge. */
export function ownRoute({ routing_table }: Vpc, cidr: string, link: number): Route {
  const { address, prefix } = networkIn(cidr);
  return {
    object: 'route',
    destination: { address, length: prefix },
    link,
    scope: 'link',
    ...(routing_table === undefined ? {} : { table: routing_table }),
  };
}

/**
 * Brings bridges and what belongs to them; what is there already stays.
 *
 * @returns the bridges by name
 * @throws VpcctlError when a link of that name is none
 */
export async function convergeBridges(
  session: HostSession,
  vpcs: readonly Vpc[],
  all: Vpcs,
): Promise<ReadonlyMap<string, Link>> {
  const names = vpcs.map(({ bridge }) => bridge);
  const before = await session.route.linksNamed(names);
  const links = vpcs.flatMap((vpc) => bridgeLink(vpc, before.get(vpc.bridge)));
  await perform(session.route, links);
  const bridges = links.length === 0 ? before : await session.route.linksNamed(names);
  await setSysctls(session, vpcs);
  await steerPackets(session.kernel, [...bridges.keys()]);
  const wanted = vpcs.flatMap((vpc): Wanted[] => {
    const link = bridges.get(vpc.bridge)?.index;
    if (link === undefined) return [];
    const network = networkIn(vpc.cidr);
    return [
      {
        operation: replaceAddress({
          object: 'address',
          link,
          address: gatewayOf(network),
          prefix: network.prefix,
          broadcast: lastAddress(network),
          scope: 'global',
        }),
      },
      { operation: addRule(policyRule(vpc)), tolerate: ['EEXIST'] },
      ...[vpc, ...peersOf(vpc, all)].map(({ cidr }) => ({ operation: replaceRoute(ownRoute(vpc, cidr, link)) })),
    ];
  });
  await perform(session.route, wanted);
  return bridges;
}

function bridgeLink({ name, bridge }: Vpc, found: Link | undefined): Wanted[] {
  if (found === undefined) {
    const operation = addLink({
      object: 'link',
      name: bridge,
      kind: { kind: 'bridge', stpState: 0, forwardDelay: 0 },
      address: bridgeHardwareAddress(name),
      up: true,
    });
    return [{ operation }];
  }
  if (found.kind !== 'bridge') {
    throw new VpcctlError(
      `link ${bridge} of VPC ${name}: is ${found.kind ?? 'a device'}; expected a bridge or no such link`,
    );
  }
  return found.up ? [] : [{ operation: changeLink({ object: 'link', index: found.index, up: true }) }];
}

/** Subnets reach each other through the gateway, and are told of the short way by redirects; nothing but IPv4 is filtered, so nothing else is spoken. */
async function setSysctls({ kernel }: HostSession, vpcs: readonly Vpc[]): Promise<void> {
  const sysctls = vpcs.flatMap(({ bridge }): Sysctl[] => [
    { name: `net/ipv4/conf/${bridge}/forwarding`, value: '1' },
    { name: `net/ipv4/conf/${bridge}/send_redirects`, value: '1' },
    { name: `net/ipv6/conf/${bridge}/disable_ipv6`, value: '1' },
  ]);
  await writeSysctls(kernel, undefined, sysctls);
}

/** @throws VpcctlError naming the one that could not be written; on a kernel without IPv6 there is nothing to turn off */
export async function writeSysctls(
  kernel: Pick<HostSession['kernel'], 'writeSysctls'>,
  namespace: string | undefined,
  sysctls: readonly Sysctl[],
): Promise<void> {
  const failures = await kernel.writeSysctls(namespace, sysctls);
  const failure = failures.find(
    ({ index, code }) => code !== 'ENOENT' || sysctls[index]?.name.startsWith('net/ipv6/') !== true,
  );
  if (failure === undefined) return;
  const sysctl = sysctls[failure.index];
  throw new VpcctlError(
    `sysctl ${sysctl?.name} = ${sysctl?.value}: ${failure.code}; expected to be allowed to write it`,
  );
}
