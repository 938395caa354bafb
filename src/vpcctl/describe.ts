/** What is different between two states of the VPCs, one line each: `+` comes, `-` goes, `~` becomes another. */

import { gatewayOf, hostAddressOf } from './model/network.js';
import type { Policy } from './model/policy.js';
import { arePeers, networkIn, type Subnet, type Vpc, type Vpcs } from './model/vpc.js';

/** The parts of some VPCs: what each is called, and what is said of it. */
function parts(vpcs: Vpcs, names: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const vpc of names.flatMap((name) => vpcs.get(name) ?? [])) {
    found.set(`vpc ${vpc.name}`, `${vpc.cidr} (bridge ${vpc.bridge}, gateway ${gatewayOf(networkIn(vpc.cidr))})`);
    for (const subnet of vpc.subnets) addSubnet(found, vpc, subnet);
    if (vpc.nat_interface !== undefined) found.set(`nat ${vpc.name}`, `out of ${vpc.nat_interface}`);
    for (const { peer_vpc, peer_cidr } of vpc.peering) {
      const peer = vpcs.get(peer_vpc);
      if (peer !== undefined && arePeers(vpc, peer) && vpc.name < peer_vpc) {
        found.set(`peering ${vpc.name} ${peer_vpc}`, `${vpc.cidr} and ${peer_cidr}`);
      }
    }
  }
  return found;
}

function addSubnet(
  found: Map<string, string>,
  { name: vpc }: Vpc,
  { name, cidr, type, namespace, policy }: Subnet,
): void {
  found.set(
    `subnet ${vpc} ${name}`,
    `${cidr} ${type} (namespace ${namespace}, address ${hostAddressOf(networkIn(cidr))})`,
  );
  if (policy !== undefined) found.set(`policy ${vpc} ${name}`, policyWords(policy));
}

function policyWords({ ingress = [], egress = [] }: Policy): string {
  const count = (list: readonly unknown[], word: string) =>
    `${list.length} ${word} ${list.length === 1 ? 'rule' : 'rules'}`;
  return `${count(ingress, 'ingress')}, ${count(egress, 'egress')}`;
}

export function difference(before: Vpcs, after: Vpcs): string[] {
  // What was not touched is the same object; and a peering is touched on both sides.
  const touched = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  const [had, has] = [parts(before, touched), parts(after, touched)];
  const lines = [...had].filter(([part]) => !has.has(part)).map(([part, words]) => `- ${part} ${words}`);
  for (const [part, words] of has) {
    const former = had.get(part);
    if (former === undefined) lines.push(`+ ${part} ${words}`);
    else if (former !== words || policyOf(before, part) !== policyOf(after, part)) lines.push(`~ ${part} ${words}`);
  }
  return lines;
}

/** Two policies may differ and have the same words. */
function policyOf(vpcs: Vpcs, part: string): string | undefined {
  const [kind, vpc = '', name] = part.split(' ');
  if (kind !== 'policy') return undefined;
  return JSON.stringify(vpcs.get(vpc)?.subnets.find((subnet) => subnet.name === name)?.policy);
}
