/** What a picture of VPCs shows: nothing but what is to be drawn, in its order. */

import { gatewayOf, hostAddressOf } from '../model/network.js';
import { networkIn, peersOf, type Vpc, type Vpcs } from '../model/vpc.js';

export interface DrawnSubnet {
  readonly name: string;
  readonly cidr: string;
  readonly type: 'public' | 'private';
  readonly address: string;
  readonly link: string;
  readonly hasNat: boolean;
  readonly policy: { readonly ingress: number; readonly egress: number } | undefined;
}

export interface DrawnVpc {
  readonly name: string;
  readonly cidr: string;
  readonly bridge: string;
  readonly gateway: string;
  readonly nat: string | undefined;
  readonly subnets: readonly DrawnSubnet[];
}

export interface Topology {
  readonly vpcs: readonly DrawnVpc[];
  /** Pairs of indexes in `vpcs`, the lower one first. */
  readonly peerings: readonly (readonly [number, number])[];
}

/** The named VPCs, then their peers. */
export function topologyOf(vpcs: Vpcs, names: readonly string[]): Topology {
  const named = names.flatMap((name) => vpcs.get(name) ?? []);
  const shown = [...new Set([...named, ...named.flatMap((vpc) => peersOf(vpc, vpcs))])];
  const peerings = shown.flatMap((vpc, index) =>
    peersOf(vpc, vpcs)
      .map((peer) => shown.indexOf(peer))
      .filter((other) => other > index)
      .map((other) => [index, other] as const),
  );
  return { vpcs: shown.map(drawn), peerings };
}

function drawn({ name, cidr, bridge, nat_interface, subnets }: Vpc): DrawnVpc {
  return {
    name,
    cidr,
    bridge,
    gateway: gatewayOf(networkIn(cidr)),
    nat: nat_interface,
    subnets: subnets.map((subnet) => ({
      name: subnet.name,
      cidr: subnet.cidr,
      type: subnet.type,
      address: hostAddressOf(networkIn(subnet.cidr)),
      link: subnet.veth_host,
      hasNat: subnet.nat_enabled,
      policy:
        subnet.policy === undefined
          ? undefined
          : { ingress: subnet.policy.ingress?.length ?? 0, egress: subnet.policy.egress?.length ?? 0 },
    })),
  };
}
