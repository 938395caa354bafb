import type { Subnet, Vpc, Vpcs } from '../model/vpc.js';
import { VpcctlError } from '../vpcctl-error.js';

/** The same VPCs, one of them in the place of the one of its name. */
export function withVpc(vpcs: Vpcs, vpc: Vpc): Vpcs {
  return new Map([...vpcs, [vpc.name, vpc]]);
}

/** The same VPC, one subnet in the place of the one of its name. */
export function withSubnet(vpc: Vpc, subnet: Subnet): Vpc {
  const isThere = vpc.subnets.some(({ name }) => name === subnet.name);
  return {
    ...vpc,
    subnets: isThere ? vpc.subnets.map((one) => (one.name === subnet.name ? subnet : one)) : [...vpc.subnets, subnet],
  };
}

const listed = (names: readonly string[]): string =>
  names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;

/** @throws VpcctlError naming those there are */
export function requireVpc(vpcs: Vpcs, name: string): Vpc {
  const vpc = vpcs.get(name);
  if (vpc === undefined) throw new VpcctlError(`VPC ${name}: no such VPC; ${listed([...vpcs.keys()])}`);
  return vpc;
}

/** @throws VpcctlError naming those there are */
export function requireSubnet(vpc: Vpc, name: string): Subnet {
  const subnet = vpc.subnets.find((one) => one.name === name);
  if (subnet === undefined) {
    throw new VpcctlError(
      `subnet ${name} of VPC ${vpc.name}: no such subnet; ${listed(vpc.subnets.map((one) => one.name))}`,
    );
  }
  return subnet;
}
