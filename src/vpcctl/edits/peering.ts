/** VPCs that may talk to each other. */

import { peerLinkName } from '../model/names.js';
import { overlaps } from '../model/network.js';
import { active, networkIn, type Vpc, type Vpcs } from '../model/vpc.js';
import { VpcctlError } from '../vpcctl-error.js';
import { requireVpc, withVpc } from './with-vpc.js';

export function peer(vpcs: Vpcs, one: string, other: string): Vpcs {
  const [first, second] = pair(vpcs, one, other);
  requireTellable(vpcs, first, second);
  requireTellable(vpcs, second, first);
  return withVpc(withVpc(vpcs, withPeer(first, second)), withPeer(second, first));
}

/** All that a VPC may talk to is told apart by its address alone: itself, its peers, and the one that is to be a peer. */
function requireTellable(vpcs: Vpcs, vpc: Vpc, far: Vpc): void {
  const peers = vpc.peering.flatMap(({ peer_vpc }) => vpcs.get(peer_vpc) ?? []);
  const near = [vpc, ...peers].find((one) => one !== far && overlaps(networkIn(one.cidr), networkIn(far.cidr)));
  if (near === undefined) return;
  throw new VpcctlError(
    `peering of ${vpc.name} and ${far.name}: ${far.cidr} of VPC ${far.name} overlaps ${near.cidr} of VPC ${near.name}; expected networks that do not`,
  );
}

function withPeer(vpc: Vpc, far: Vpc): Vpc {
  const former = vpc.peering.find(({ peer_vpc }) => peer_vpc === far.name);
  const peering = {
    ...former,
    peer_vpc: far.name,
    peer_cidr: far.cidr,
    status: active,
    veth: peerLinkName(vpc.name, far.name),
  };
  return {
    ...vpc,
    peering:
      former === undefined
        ? [...vpc.peering, peering]
        : vpc.peering.map((entry) => (entry === former ? peering : entry)),
  };
}

/** VPCs that are no peers are as they should be. One of the two may be gone: the other's side is taken away. */
export function unpeer(vpcs: Vpcs, one: string, other: string): Vpcs {
  requireTwo(one, other);
  let apart = vpcs;
  for (const [name, peerName] of [
    [one, other],
    [other, one],
  ] as const) {
    const vpc = vpcs.get(name);
    if (vpc !== undefined && names(vpc, peerName)) apart = withVpc(apart, withoutPeer(vpc, peerName));
  }
  // Nothing was there to be taken away: then at least both names are right.
  if (apart === vpcs) for (const name of [one, other]) requireVpc(vpcs, name);
  return apart;
}

function names({ peering }: Vpc, peerName: string): boolean {
  return peering.some(({ peer_vpc }) => peer_vpc === peerName);
}

function withoutPeer(vpc: Vpc, peerName: string): Vpc {
  return { ...vpc, peering: vpc.peering.filter(({ peer_vpc }) => peer_vpc !== peerName) };
}

function pair(vpcs: Vpcs, one: string, other: string): [Vpc, Vpc] {
  requireTwo(one, other);
  return [requireVpc(vpcs, one), requireVpc(vpcs, other)];
}

function requireTwo(one: string, other: string): void {
  if (one === other) throw new VpcctlError(`peering of ${one} and ${other}: expected two different VPCs`);
}
