/** VPCs as tables. */

import { gatewayOf, hostAddressOf } from '../model/network.js';
import { networkIn, peersOf, type Vpc, type Vpcs } from '../model/vpc.js';
import { formatTable } from './table.js';

const none = '-';

const peerNames = (vpc: Vpc, vpcs: Vpcs): string =>
  peersOf(vpc, vpcs)
    .map(({ name }) => name)
    .join(',') || none;

export function formatList(vpcs: Vpcs): string {
  const rows = [...vpcs.values()].map((vpc) => [
    vpc.name,
    vpc.cidr,
    vpc.bridge,
    String(vpc.subnets.length),
    vpc.nat_interface ?? none,
    peerNames(vpc, vpcs),
  ]);
  return formatTable([['VPC', 'CIDR', 'BRIDGE', 'SUBNETS', 'NAT', 'PEERS'], ...rows]);
}

export function formatVpc(vpc: Vpc, vpcs: Vpcs): string {
  const head = [
    ['VPC', vpc.name],
    ['CIDR', vpc.cidr],
    ['Bridge', vpc.bridge],
    ['Gateway', gatewayOf(networkIn(vpc.cidr))],
    ['NAT', vpc.nat_interface === undefined ? none : `public subnets, out of ${vpc.nat_interface}`],
    ['Peers', peerNames(vpc, vpcs)],
    ['Created', vpc.created],
  ];
  const rows = vpc.subnets.map(({ name, cidr, type, namespace, veth_host, nat_enabled, policy }) => [
    name,
    cidr,
    type,
    hostAddressOf(networkIn(cidr)),
    namespace,
    veth_host,
    nat_enabled ? 'yes' : 'no',
    policy === undefined ? none : `${policy.ingress?.length ?? 0} in, ${policy.egress?.length ?? 0} out`,
  ]);
  const titles = ['SUBNET', 'CIDR', 'TYPE', 'ADDRESS', 'NAMESPACE', 'LINK', 'NAT', 'POLICY'];
  return rows.length === 0 ? formatTable(head) : `${formatTable(head)}\n${formatTable([titles, ...rows])}`;
}
