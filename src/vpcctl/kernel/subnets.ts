/** Subnets: a namespace each, a pair of links into the VPC's bridge, addresses, routes, the policy. */

import { closeSync } from 'node:fs';
import type { Sysctl } from '../../kernel/native.js';
import { NetfilterTransaction } from '../../kernel/nft/transaction.js';
import { replaceAddress } from '../../kernel/route/address.js';
import { addLink, changeLink, type Link } from '../../kernel/route/link.js';
import { replaceRoute } from '../../kernel/route/route.js';
import { hostAddressOf, lastAddress } from '../model/network.js';
import { networkIn } from '../model/vpc.js';
import { addPolicyTable } from '../rules/policy-table.js';
import { VpcctlError } from '../vpcctl-error.js';
import { writeSysctls } from './bridges.js';
import { type HostSession, perform, type Wanted } from './host-session.js';
import type { ScopedSubnet } from './scope.js';
import type { ReachedSubnet } from './short-cut.js';

/** Policies are about IPv4, so nothing else is spoken. Redirects tell of the short way to other subnets; a hardened host ignores them. */
const namespaceSysctls: readonly Sysctl[] = [
  { name: 'net/ipv6/conf/all/disable_ipv6', value: '1' },
  { name: 'net/ipv6/conf/default/disable_ipv6', value: '1' },
  { name: 'net/ipv4/conf/all/accept_redirects', value: '1' },
  { name: 'net/ipv4/conf/default/accept_redirects', value: '1' },
];

/** Brings subnets; what is there already stays. */
export async function convergeSubnets(
  session: HostSession,
  subnets: readonly ScopedSubnet[],
  bridges: ReadonlyMap<string, Link>,
): Promise<ReachedSubnet[]> {
  if (subnets.length === 0) return [];
  await Promise.all(subnets.map((one) => makeNamespace(session, one)));
  await makePairs(session, subnets, bridges);
  return Promise.all(subnets.map((one) => configureInside(session, one)));
}

/** The namespace, and the policy in it: there is no moment when the subnet is reached without. */
async function makeNamespace({ kernel }: HostSession, { subnet }: ScopedSubnet): Promise<void> {
  if (!kernel.isNamespace(subnet.namespace)) await kernel.createNamespace(subnet.namespace);
  await writeSysctls(kernel, subnet.namespace, namespaceSysctls);
  if (subnet.policy !== undefined) await setPolicy({ kernel }, subnet);
}

/** Puts the policy of a subnet in force, or takes the one that is away, in one transaction. */
export async function setPolicy(
  { kernel }: Pick<HostSession, 'kernel'>,
  { namespace, policy }: ScopedSubnet['subnet'],
): Promise<void> {
  const netfilter = await kernel.openNetfilter(namespace);
  try {
    const transaction = new NetfilterTransaction();
    addPolicyTable(transaction, policy);
    await netfilter.run(transaction);
  } finally {
    // Not waited for: the kernel takes its time to take away what was replaced.
    void netfilter.close();
  }
}

async function makePairs(
  session: HostSession,
  subnets: readonly ScopedSubnet[],
  bridges: ReadonlyMap<string, Link>,
): Promise<void> {
  const found = await session.route.linksNamed(subnets.map(({ subnet }) => subnet.veth_host));
  const descriptors: number[] = [];
  try {
    const wanted = subnets.flatMap(({ vpc, subnet }): Wanted[] => {
      const master = bridges.get(vpc.bridge)?.index;
      if (master === undefined)
        throw new VpcctlError(`bridge ${vpc.bridge} of VPC ${vpc.name}: went away; repeat the command`);
      const link = found.get(subnet.veth_host);
      if (link !== undefined) {
        if (link.kind !== 'veth') {
          throw new VpcctlError(
            `link ${subnet.veth_host} of subnet ${subnet.name}: is ${link.kind ?? 'a device'}; expected a veth pair`,
          );
        }
        const isRight = link.up && link.master === master;
        return isRight ? [] : [{ operation: changeLink({ object: 'link', index: link.index, master, up: true }) }];
      }
      const namespaceDescriptor = session.kernel.openNamespace(subnet.namespace);
      descriptors.push(namespaceDescriptor);
      const kind = { kind: 'veth', peer: { name: subnet.veth_ns, namespaceDescriptor } } as const;
      return [{ operation: addLink({ object: 'link', name: subnet.veth_host, kind, master, up: true }) }];
    });
    await perform(session.route, wanted);
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}

async function configureInside({ kernel }: HostSession, { vpc, subnet }: ScopedSubnet): Promise<ReachedSubnet> {
  const route = await kernel.openRoute(subnet.namespace);
  try {
    const links = await route.linksNamed(['lo', subnet.veth_ns]);
    const { index: link, address, parent: port } = links.get(subnet.veth_ns) ?? {};
    const loopback = links.get('lo')?.index;
    if (link === undefined || port === undefined || address === undefined || loopback === undefined) {
      throw new VpcctlError(
        `link ${subnet.veth_ns} of subnet ${subnet.name}: is not in namespace ${subnet.namespace}; expected the other end of ${subnet.veth_host}`,
      );
    }
    const network = networkIn(subnet.cidr);
    const vpcNetwork = networkIn(vpc.cidr);
    // The gateway lies outside of the subnet's own network.
    const via = { object: 'route', gateway: subnet.gateway, link, onlink: true } as const;
    const operations = [
      changeLink({ object: 'link', index: loopback, up: true }),
      changeLink({ object: 'link', index: link, up: true }),
      replaceAddress({
        object: 'address',
        link,
        address: hostAddressOf(network),
        prefix: network.prefix,
        ...(network.prefix < 31 ? { broadcast: lastAddress(network) } : {}),
        scope: 'global',
      }),
      replaceRoute({ ...via, destination: 'default' }),
      // With one subnet for all of the VPC the kernel's own route says the same.
      ...(network.prefix === vpcNetwork.prefix
        ? []
        : [replaceRoute({ ...via, destination: { address: vpcNetwork.address, length: vpcNetwork.prefix } })]),
    ];
    await perform(
      route,
      operations.map((operation) => ({ operation })),
    );
    return { vpc, subnet, port, hardwareAddress: address };
  } finally {
    await route.close();
  }
}
