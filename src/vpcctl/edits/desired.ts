/** Whole VPCs as a file wants them, in two steps: what goes, then what comes. */

import type { DesiredVpc } from '../document/desired-file.js';
import { arePeers, type Subnet, type Vpc, type Vpcs } from '../model/vpc.js';
import { VpcctlError } from '../vpcctl-error.js';
import { removeNat, setupNat } from './nat.js';
import { peer, unpeer } from './peering.js';
import { applyPolicy, removePolicy } from './policy.js';
import { addSubnet, removeSubnet } from './subnet.js';
import type { Present } from './taken.js';
import { createVpc } from './vpc.js';
import { requireSubnet, requireVpc, withSubnet, withVpc } from './with-vpc.js';

/** What the host has to say about a file. */
export interface Surroundings {
  readonly present: Present;
  readonly now: Date;
  /** The link of the default route; thrown for only when it is asked. */
  readonly defaultLink: () => string;
}

/** The VPCs without what the file does not want. VPCs that the file does not name stay. */
export function withoutUnwanted(vpcs: Vpcs, desired: readonly DesiredVpc[]): Vpcs {
  let left = vpcs;
  const wanted = wantedPeerings(desired);
  for (const { name, cidr, nat = false, subnets = [] } of desired) {
    const vpc = left.get(name);
    if (vpc === undefined) continue;
    if (vpc.cidr !== cidr) {
      throw new VpcctlError(
        `VPC ${name}: is there with ${vpc.cidr}; expected that instead of ${cidr}, or delete the VPC first`,
      );
    }
    for (const subnet of vpc.subnets) {
      const own = subnets.find((one) => one.name === subnet.name && one.cidr === subnet.cidr);
      if (own === undefined) left = removeSubnet(left, name, subnet.name);
      else if (own.policy === undefined && subnet.policy !== undefined) left = removePolicy(left, name, subnet.name);
    }
    if (nat === false && vpc.nat_interface !== undefined) left = removeNat(left, name);
    for (const { peer_vpc } of vpc.peering) {
      if (!wanted.has(pairOf(name, peer_vpc)) && left.has(peer_vpc)) left = unpeer(left, name, peer_vpc);
    }
  }
  return left;
}

/** The VPCs with all that the file wants. */
export function withWanted(
  vpcs: Vpcs,
  desired: readonly DesiredVpc[],
  { present, now, defaultLink }: Surroundings,
): Vpcs {
  let made = vpcs;
  for (const { name, cidr, nat = false, subnets = [] } of desired) {
    made = createVpc(made, name, cidr, present, now);
    const { nat_interface } = requireVpc(made, name);
    const link = nat === true ? (nat_interface ?? defaultLink()) : nat;
    if (link !== false && link !== nat_interface) made = setupNat(made, name, link);
    for (const subnet of subnets) made = withDesiredSubnet(made, name, subnet, present);
  }
  for (const pair of wantedPeerings(desired)) {
    const [one = '', other = ''] = pair.split(' ');
    if (!arePeers(requireVpc(made, one), requireVpc(made, other))) made = peer(made, one, other);
  }
  return made;
}

function withDesiredSubnet(
  vpcs: Vpcs,
  vpcName: string,
  { name, cidr, type, policy }: NonNullable<DesiredVpc['subnets']>[number],
  present: Present,
): Vpcs {
  const vpc = requireVpc(vpcs, vpcName);
  const there = vpc.subnets.find((one) => one.name === name);
  const made =
    there === undefined
      ? addSubnet(vpcs, { vpc: vpcName, name, cidr, type }, present)
      : withType(vpcs, vpc, there, type);
  const now = requireVpc(made, vpcName);
  const subnet = requireSubnet(now, name);
  if (policy === undefined || JSON.stringify(policy) === JSON.stringify(subnet.policy)) return made;
  return applyPolicy(made, { vpc: now, subnet }, policy);
}

function withType(vpcs: Vpcs, vpc: Vpc, subnet: Subnet, type: Subnet['type']): Vpcs {
  if (subnet.type === type) return vpcs;
  const nat_enabled = type === 'public' && vpc.nat_interface !== undefined;
  return withVpc(vpcs, withSubnet(vpc, { ...subnet, type, nat_enabled }));
}

const pairOf = (one: string, other: string): string => [one, other].sort().join(' ');

function wantedPeerings(desired: readonly DesiredVpc[]): Set<string> {
  return new Set(desired.flatMap(({ name, peers = [] }) => peers.map((other) => pairOf(name, other))));
}
