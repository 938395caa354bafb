/** The policies of subnets. */

import { formatCidr, networkOf, parseCidr } from '../../model/address.js';
import type { Policy, PolicyFile } from '../model/policy.js';
import type { Subnet, Vpc, Vpcs } from '../model/vpc.js';
import { VpcctlError } from '../vpcctl-error.js';
import { requireSubnet, requireVpc, withSubnet, withVpc } from './with-vpc.js';

/** A subnet and whose it is. */
export interface SubnetPlace {
  readonly vpc: Vpc;
  readonly subnet: Subnet;
}

/**
 * The subnet that a policy file is for: by its namespace, or by its name or network where there is only one of these.
 *
 * @param only the VPC it must be of, if that was said
 */
export function placeOfPolicy(
  vpcs: Vpcs,
  { namespace, subnet: text }: Pick<PolicyFile, 'namespace' | 'subnet'>,
  only?: string,
): SubnetPlace {
  if (only !== undefined) requireVpc(vpcs, only);
  const places = [...vpcs.values()]
    .filter((vpc) => only === undefined || vpc.name === only)
    .flatMap((vpc) => vpc.subnets.map((subnet) => ({ vpc, subnet })));
  const cidr = parseCidr(text ?? '');
  const network = cidr === undefined ? undefined : formatCidr(networkOf(cidr));
  const found = places.filter(({ subnet }) =>
    namespace !== undefined ? subnet.namespace === namespace : subnet.name === text || subnet.cidr === network,
  );
  const words = namespace !== undefined ? `namespace ${namespace}` : `subnet ${text ?? '(not given)'}`;
  const [place] = found;
  if (place !== undefined && found.length === 1) return place;
  const names = (found.length === 0 ? places : found).map(({ subnet }) => subnet.namespace);
  throw new VpcctlError(
    found.length === 0
      ? `policy for ${words}: no such subnet; expected one of the namespaces ${names.join(', ') || '(there is none)'}`
      : `policy for ${words}: there are several; expected "namespace" with one of ${names.join(', ')}`,
  );
}

export function applyPolicy(vpcs: Vpcs, { vpc, subnet }: SubnetPlace, policy: Policy): Vpcs {
  return withVpc(vpcs, withSubnet(vpc, { ...subnet, policy }));
}

/** A subnet without a policy is as it should be. */
export function removePolicy(vpcs: Vpcs, vpcName: string, name: string): Vpcs {
  const vpc = requireVpc(vpcs, vpcName);
  const { policy, ...subnet } = requireSubnet(vpc, name);
  return withVpc(vpcs, withSubnet(vpc, subnet));
}
