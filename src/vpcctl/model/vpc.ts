/**
 * A VPC as its metadata file has it, with the file's own names. Keys that are not ours stay where they are: other programs of the
 * same format may have them.
 */

import { z } from 'zod';
import { parseCidr } from '../../model/address.js';
import { interfaceNameLength, isNamespaceName } from '../../model/names.js';
import type { Cidr } from '../../model/values.js';
import { nameForm } from './names.js';
import { policySchema } from './policy.js';

const name = z.string().regex(nameForm, 'expected 1 to 32 of a–z, 0–9 and "-"');
const cidr = z
  .string()
  .refine((text) => parseCidr(text) !== undefined, 'expected an IPv4 network, for example 10.0.0.0/16');
/** What the kernel takes for a link's name (dev_valid_name of net/core/dev.c). */
const link = z
  .string()
  .regex(/^[^/:\s]+$/, 'expected the name of a network interface')
  .max(interfaceNameLength)
  .refine((text) => text !== '.' && text !== '..');
const namespace = z
  .string()
  .refine((text) => isNamespaceName(text) || /^[a-z0-9-]{1,80}$/.test(text), 'expected the name of a namespace');

export const subnetTypes = ['public', 'private'] as const;

export const subnetSchema = z.looseObject({
  name,
  cidr,
  type: z.enum(subnetTypes),
  namespace,
  veth_host: link,
  veth_ns: link,
  gateway: z.ipv4(),
  nat_enabled: z.boolean(),
  /** Ours: the policy that is in force. */
  policy: policySchema.optional(),
});
export type Subnet = z.infer<typeof subnetSchema>;

export const peeringSchema = z.looseObject({
  peer_vpc: name,
  peer_cidr: cidr,
  status: z.string(),
  /** Ours: the link in this VPC's bridge. */
  veth: link.optional(),
});
export type Peering = z.infer<typeof peeringSchema>;

export const vpcSchema = z.looseObject({
  name,
  cidr,
  bridge: link,
  /** ISO 8601, UTC. */
  created: z.string(),
  subnets: z.array(subnetSchema),
  peering: z.array(peeringSchema),
  /** Ours: where NAT leads out; none without NAT. */
  nat_interface: link.optional(),
  /** Ours: the routing table asked for packets that come from the bridge. */
  routing_table: z.int().min(1).max(0xffffffff).optional(),
});
export type Vpc = z.infer<typeof vpcSchema>;

/** All VPCs of a host by name. Never changed: another takes its place. */
export type Vpcs = ReadonlyMap<string, Vpc>;

/** The network of a VPC, a subnet or a peer; their texts are checked when they are read. */
export function networkIn(text: string): Cidr {
  return parseCidr(text) ?? { address: '0.0.0.0', prefix: 32 };
}

export const active = 'active';

/** Whether traffic may pass between two VPCs: both sides must say so. */
export function arePeers(one: Vpc, other: Vpc | undefined): boolean {
  const names = ({ peering }: Vpc, peer: string) =>
    peering.some(({ peer_vpc, status }) => peer_vpc === peer && status === active);
  return other !== undefined && names(one, other.name) && names(other, one.name);
}

/** The VPCs that one may talk to. */
export function peersOf(vpc: Vpc, vpcs: Vpcs): Vpc[] {
  return vpc.peering.flatMap(({ peer_vpc }) => {
    const peer = vpcs.get(peer_vpc);
    return peer !== undefined && arePeers(vpc, peer) ? [peer] : [];
  });
}
