import { z } from 'zod';
import type { ImplementVpc } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { vpcTargetOf } from '../target.js';
import { cidr, identifier } from '../values.js';
import { sourceNatFields, sourceNatOf } from '../vpc-source-nat.js';

const schema = z.object({ vpc_id: identifier, cidr: cidr.optional(), vpc_cidr: cidr.optional(), ...sourceNatFields });

/** CONTRACT §5.4. Without a public address, or with one that is not for source NAT, only the namespace is made. */
export function decodeImplementVpc(call: RawCall): ImplementVpc {
  const values = read(call, schema);
  const { public_ip: publicIp, source_nat: sourceNat } = values;
  return {
    name: 'implement-vpc',
    target: vpcTargetOf(call, values.vpc_id),
    cidr: values.vpc_cidr ?? values.cidr,
    sourceNat: publicIp === undefined || !sourceNat ? undefined : sourceNatOf(publicIp, values),
  };
}
