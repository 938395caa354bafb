import type { Cidr, Vlan } from '../model/values.js';
import type { VpcSourceNat } from './command.js';
import { address, cidr, flag, vlan } from './values.js';

/** The public block of a VPC command (CONTRACT §5.4). */
export const sourceNatFields = {
  public_ip: address.optional(),
  public_vlan: vlan,
  public_cidr: cidr.optional(),
  public_gateway: address.optional(),
  source_nat: flag,
};

interface SourceNatValues {
  readonly public_vlan?: Vlan | undefined;
  readonly public_cidr?: Cidr | undefined;
  readonly public_gateway?: string | undefined;
}

/** The source NAT address of a VPC command. */
export function sourceNatOf(publicIp: string, values: SourceNatValues): VpcSourceNat {
  return {
    publicIp,
    publicVlan: values.public_vlan,
    publicPrefix: values.public_cidr?.prefix ?? 32,
    publicGateway: values.public_gateway,
  };
}
