import { addSubnet } from '../../../src/vpcctl/edits/subnet.js';
import type { Present } from '../../../src/vpcctl/edits/taken.js';
import { createVpc } from '../../../src/vpcctl/edits/vpc.js';
import type { Vpcs } from '../../../src/vpcctl/model/vpc.js';

/** A host on which nobody else has a link or a namespace. */
export const empty: Present = { links: new Set(), namespaces: new Set() };
export const now = new Date('2026-01-02T03:04:05.678Z');

export const made = (vpcs: Vpcs, name: string, cidr: string): Vpcs => createVpc(vpcs, name, cidr, empty, now);
export const added = (vpcs: Vpcs, vpc: string, name: string, cidr: string, type = 'private'): Vpcs =>
  addSubnet(vpcs, { vpc, name, cidr, type }, empty);

/** The seed: a production VPC with a public and a private subnet, and a staging VPC. */
export function seed(): Vpcs {
  let vpcs = made(new Map(), 'production', '10.0.0.0/16');
  vpcs = added(vpcs, 'production', 'web', '10.0.1.0/24', 'public');
  vpcs = added(vpcs, 'production', 'db', '10.0.2.0/24');
  vpcs = made(vpcs, 'staging', '10.1.0.0/16');
  return added(vpcs, 'staging', 'web', '10.1.1.0/24', 'public');
}
