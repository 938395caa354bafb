/** Names that belong to somebody else. */

import { type IsTaken, plainBridgeName, plainHostEnd, plainNamespaceName } from '../model/names.js';
import type { Vpc, Vpcs } from '../model/vpc.js';

/** What a host has of the names that might be wanted. */
export interface Present {
  readonly links: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
}

/** The names that a VPC and subnets of these names would like to have. */
export function wantedNames(vpc: string, subnets: readonly string[] = []): { links: string[]; namespaces: string[] } {
  return {
    links: [plainBridgeName(vpc), ...subnets.map(plainHostEnd)],
    namespaces: subnets.map((subnet) => plainNamespaceName(vpc, subnet)),
  };
}

function linksOf({ bridge, subnets, peering }: Vpc): string[] {
  return [bridge, ...subnets.map(({ veth_host }) => veth_host), ...peering.flatMap(({ veth }) => veth ?? [])];
}

/** Names come from metadata first: what is there under a name that no file has is not ours. */
export function takenNames(vpcs: Vpcs, present: Present): { link: IsTaken; namespace: IsTaken } {
  const all = [...vpcs.values()];
  const links = new Set([...present.links, ...all.flatMap(linksOf)]);
  const namespaces = new Set([
    ...present.namespaces,
    ...all.flatMap(({ subnets }) => subnets.map(({ namespace }) => namespace)),
  ]);
  return { link: (name) => links.has(name), namespace: (name) => namespaces.has(name) };
}
