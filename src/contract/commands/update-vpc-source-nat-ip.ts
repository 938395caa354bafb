import { z } from 'zod';
import type { UpdateVpcSourceNatIp } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { vpcTargetOf } from '../target.js';
import { address, cidr, identifier } from '../values.js';
import { sourceNatFields, sourceNatOf } from '../vpc-source-nat.js';

const schema = z.object({
  vpc_id: identifier,
  cidr: cidr.optional(),
  vpc_cidr: cidr.optional(),
  ...sourceNatFields,
  public_ip: address,
});

/** CONTRACT §5.4. The command's name says what the address is for, whatever `source_nat` says. */
export function decodeUpdateVpcSourceNatIp(call: RawCall): UpdateVpcSourceNatIp {
  const values = read(call, schema);
  return {
    name: 'update-vpc-source-nat-ip',
    target: vpcTargetOf(call, values.vpc_id),
    cidr: values.vpc_cidr ?? values.cidr,
    sourceNat: sourceNatOf(values.public_ip, values),
  };
}
