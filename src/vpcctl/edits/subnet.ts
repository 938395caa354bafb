/** Subnets come and go. */

import { formatCidr } from '../../model/address.js';
import { hostEndName, namespaceEndName, requireName, subnetNamespaceName } from '../model/names.js';
import { gatewayOf, hostAddressOf, isWithin, overlaps, parseNetwork } from '../model/network.js';
import { networkIn, type Subnet, subnetTypes, type Vpcs } from '../model/vpc.js';
import { VpcctlError } from '../vpcctl-error.js';
import { type Present, takenNames } from './taken.js';
import { requireVpc, withSubnet, withVpc } from './with-vpc.js';

export interface NewSubnet {
  readonly vpc: string;
  readonly name: string;
  readonly cidr: string;
  readonly type: string;
}

/** A subnet that is there with the same network and type is completed: the call is a repeat. */
export function addSubnet(vpcs: Vpcs, { vpc: vpcName, name, cidr, type }: NewSubnet, present: Present): Vpcs {
  const vpc = requireVpc(vpcs, vpcName);
  const what = `subnet ${requireName(name, 'subnet')} of VPC ${vpcName}`;
  const network = parseNetwork(cidr, what);
  if (!isSubnetType(type)) throw new VpcctlError(`${what}: type "${type}"; expected ${subnetTypes.join(' or ')}`);
  const there = vpc.subnets.find((one) => one.name === name);
  if (there !== undefined) {
    if (there.cidr === formatCidr(network) && there.type === type) return vpcs;
    throw new VpcctlError(`${what}: is there with ${there.cidr} ${there.type}; expected that, or another name`);
  }
  if (!isWithin(network, networkIn(vpc.cidr))) {
    throw new VpcctlError(`${what}: ${cidr} is not within ${vpc.cidr}; expected a part of it`);
  }
  const other = vpc.subnets.find((one) => overlaps(network, networkIn(one.cidr)));
  if (other !== undefined) {
    throw new VpcctlError(
      `${what}: ${cidr} overlaps ${other.cidr} of subnet ${other.name}; expected a free part of ${vpc.cidr}`,
    );
  }
  const gateway = gatewayOf(networkIn(vpc.cidr));
  if (hostAddressOf(network) === gateway) {
    throw new VpcctlError(
      `${what}: ${cidr} has no address but the VPC's gateway, ${gateway}; expected another network`,
    );
  }
  const taken = takenNames(vpcs, present);
  const subnet: Subnet = {
    name,
    cidr: formatCidr(network),
    type,
    namespace: subnetNamespaceName(vpcName, name, taken.namespace),
    veth_host: hostEndName(vpcName, name, taken.link),
    veth_ns: namespaceEndName(vpcName, name),
    gateway,
    nat_enabled: type === 'public' && vpc.nat_interface !== undefined,
  };
  return withVpc(vpcs, withSubnet(vpc, subnet));
}

function isSubnetType(text: string): text is Subnet['type'] {
  return (subnetTypes as readonly string[]).includes(text);
}

/** A subnet that is not there is as it should be: the call is a repeat. */
export function removeSubnet(vpcs: Vpcs, vpcName: string, name: string): Vpcs {
  const vpc = requireVpc(vpcs, vpcName);
  requireName(name, 'subnet');
  if (!vpc.subnets.some((one) => one.name === name)) return vpcs;
  return withVpc(vpcs, { ...vpc, subnets: vpc.subnets.filter((one) => one.name !== name) });
}
