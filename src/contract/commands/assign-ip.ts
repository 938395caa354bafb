import { z } from 'zod';
import type { AssignIp } from '../command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { address, cidr, flag, vlan } from '../values.js';

const schema = z.object({
  ...targetFields,
  public_ip: address,
  public_vlan: vlan,
  public_cidr: cidr.optional(),
  public_gateway: address.optional(),
  source_nat: flag,
  gateway: address.optional(),
  cidr: cidr.optional(),
});

/** CONTRACT §5.5. Of the public CIDR only the prefix length counts: its address differs between the generations (§1.2). */
export function decodeAssignIp(call: RawCall): AssignIp {
  const values = read(call, schema);
  return {
    name: 'assign-ip',
    target: targetOf(call, values),
    publicIp: values.public_ip,
    publicVlan: values.public_vlan,
    publicPrefix: values.public_cidr?.prefix ?? 32,
    publicGateway: values.public_gateway,
    sourceNat: values.source_nat,
    gateway: values.gateway,
    cidr: values.cidr,
  };
}
