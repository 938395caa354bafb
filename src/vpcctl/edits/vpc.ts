/** VPCs come and go. */

import { formatCidr } from '../../model/address.js';
import { timeText } from '../metadata/read.js';
import { bridgeName, requireName } from '../model/names.js';
import { overlaps, parseVpcNetwork } from '../model/network.js';
import { networkIn, type Vpc, type Vpcs } from '../model/vpc.js';
import { VpcctlError } from '../vpcctl-error.js';
import { type Present, takenNames } from './taken.js';
import { withVpc } from './with-vpc.js';

/** Routing tables of our own begin here; the kernel's and operators' have lower numbers, mostly below 1,000. */
const firstTable = 20_000;

/** A VPC that is there with the same network is completed: the call is a repeat. */
export function createVpc(vpcs: Vpcs, name: string, cidr: string, present: Present, now: Date): Vpcs {
  requireName(name, 'VPC');
  const network = parseVpcNetwork(cidr, `VPC ${name}`);
  const there = vpcs.get(name);
  if (there !== undefined) {
    if (there.cidr === formatCidr(network)) return vpcs;
    throw new VpcctlError(`VPC ${name}: is there with ${there.cidr}; expected that, or another name`);
  }
  for (const other of vpcs.values()) {
    if (other.nat_interface !== undefined) requireApart(name, network, other);
  }
  const vpc: Vpc = {
    name,
    cidr: formatCidr(network),
    bridge: bridgeName(name, takenNames(vpcs, present).link),
    created: timeText(now),
    subnets: [],
    peering: [],
  };
  return withVpc(vpcs, withTable(vpcs, vpc));
}

/** Answers from outside are addressed to a guest, and no more is known of them: networks behind NAT must be apart from all others. */
export function requireApart(name: string, network: ReturnType<typeof networkIn>, other: Vpc): void {
  if (!overlaps(network, networkIn(other.cidr))) return;
  throw new VpcctlError(
    `VPC ${name}: ${formatCidr(network)} overlaps ${other.cidr} of VPC ${other.name}; with NAT expected networks that do not`,
  );
}

/** All VPCs, each with a routing table: those of other programs have none yet. */
export function withTables(vpcs: Vpcs): Vpcs {
  let all = vpcs;
  for (const vpc of vpcs.values()) if (vpc.routing_table === undefined) all = withVpc(all, withTable(all, vpc));
  return all;
}

function withTable(vpcs: Vpcs, vpc: Vpc): Vpc {
  if (vpc.routing_table !== undefined) return vpc;
  const taken = new Set([...vpcs.values()].map(({ routing_table }) => routing_table));
  let table = firstTable;
  while (taken.has(table)) table++;
  return { ...vpc, routing_table: table };
}

/** Without the VPC, and without the peerings of others with it. One that is not there is as it should be: the call is a repeat. */
export function deleteVpc(vpcs: Vpcs, name: string): Vpcs {
  requireName(name, 'VPC');
  if (!vpcs.has(name)) return vpcs;
  return new Map(
    [...vpcs.values()]
      .filter((vpc) => vpc.name !== name)
      .map((vpc) => {
        const peering = vpc.peering.filter(({ peer_vpc }) => peer_vpc !== name);
        return [vpc.name, peering.length === vpc.peering.length ? vpc : { ...vpc, peering }];
      }),
  );
}
