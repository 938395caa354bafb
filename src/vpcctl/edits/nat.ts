/** The way out of public subnets. */

import { networkIn, type Vpcs } from '../model/vpc.js';
import { requireApart } from './vpc.js';
import { requireVpc, withVpc } from './with-vpc.js';

/** @param link where it leads out */
export function setupNat(vpcs: Vpcs, name: string, link: string): Vpcs {
  const vpc = requireVpc(vpcs, name);
  for (const other of vpcs.values()) if (other !== vpc) requireApart(name, networkIn(vpc.cidr), other);
  const subnets = vpc.subnets.map((subnet) => ({ ...subnet, nat_enabled: subnet.type === 'public' }));
  return withVpc(vpcs, { ...vpc, subnets, nat_interface: link });
}

export function removeNat(vpcs: Vpcs, name: string): Vpcs {
  const { nat_interface, ...vpc } = requireVpc(vpcs, name);
  return withVpc(vpcs, { ...vpc, subnets: vpc.subnets.map((subnet) => ({ ...subnet, nat_enabled: false })) });
}
