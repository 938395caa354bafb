import type { Subnet, Vpc, Vpcs } from '../model/vpc.js';

/** What a command is about, by VPC: all of its subnets, or only those that are named. Its bridge, its NAT and its peerings always are. */
export type Scope = ReadonlyMap<string, 'all' | ReadonlySet<string>>;

/** A subnet with the VPC it is in. */
export interface ScopedSubnet {
  readonly vpc: Vpc;
  readonly subnet: Subnet;
}

export function vpcsIn(scope: Scope, vpcs: Vpcs): Vpc[] {
  return [...scope.keys()].flatMap((name) => vpcs.get(name) ?? []);
}

export function subnetsIn(scope: Scope, vpcs: Vpcs): ScopedSubnet[] {
  return vpcsIn(scope, vpcs).flatMap((vpc) => {
    const names = scope.get(vpc.name);
    return vpc.subnets.filter(({ name }) => names === 'all' || names?.has(name)).map((subnet) => ({ vpc, subnet }));
  });
}
