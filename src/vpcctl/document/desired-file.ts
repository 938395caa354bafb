/** The file of `apply` and `export`: whole VPCs as they are to be. */

import { stringify } from 'yaml';
import { z } from 'zod';
import { nameForm } from '../model/names.js';
import { policySchema } from '../model/policy.js';
import { subnetTypes, type Vpc } from '../model/vpc.js';
import { readDocument } from './read-document.js';

const name = z.string('expected a name').regex(nameForm, 'expected 1 to 32 of a–z, 0–9 and "-"');
const cidr = z.string('expected an IPv4 network, for example 10.0.0.0/16');

const desiredVpcSchema = z.strictObject({
  name,
  cidr,
  /** The interface it leads out of; `true` for that of the default route. */
  nat: z.union([z.boolean(), z.string()], 'expected true, false or the name of an interface').optional(),
  subnets: z
    .array(
      z.strictObject({
        name,
        cidr,
        type: z.enum(subnetTypes, `expected ${subnetTypes.join(' or ')}`),
        policy: policySchema.optional(),
      }),
    )
    .optional(),
  /** VPCs it may talk to; to be named on one of the two sides at least. */
  peers: z.array(name).optional(),
});
export type DesiredVpc = z.infer<typeof desiredVpcSchema>;

const manySchema = z.strictObject({
  version: z.union([z.string(), z.number()]).optional(),
  vpcs: z.array(desiredVpcSchema),
});
const oneSchema = desiredVpcSchema.extend({ version: z.union([z.string(), z.number()]).optional() });

const isList = z.looseObject({ vpcs: z.unknown() });

/** @throws VpcctlError pointing at the line */
export function readDesired(path: string, text: string): DesiredVpc[] {
  const document = readDocument(path, text, z.unknown());
  if (isList.safeParse(document).success) return readDocument(path, text, manySchema).vpcs;
  const { version, ...vpc } = readDocument(path, text, oneSchema);
  return [vpc];
}

function desiredOf({ name: vpcName, cidr: network, nat_interface, subnets, peering }: Vpc): DesiredVpc {
  return {
    name: vpcName,
    cidr: network,
    ...(nat_interface === undefined ? {} : { nat: nat_interface }),
    ...(subnets.length === 0
      ? {}
      : {
          subnets: subnets.map((subnet) => ({
            name: subnet.name,
            cidr: subnet.cidr,
            type: subnet.type,
            ...(subnet.policy === undefined ? {} : { policy: subnet.policy }),
          })),
        }),
    ...(peering.length === 0 ? {} : { peers: peering.map(({ peer_vpc }) => peer_vpc) }),
  };
}

/** The file that brings these VPCs. */
export function writeDesired(vpcs: readonly Vpc[], format: 'yaml' | 'json'): string {
  const document = { version: 1, vpcs: vpcs.map(desiredOf) };
  return format === 'json' ? `${JSON.stringify(document, null, 2)}\n` : stringify(document, { indentSeq: true });
}
