/** Load balancer rules: one public address and port stands for several guests. */

/** How the next guest is chosen, as haproxy calls it. */
export const balancingAlgorithms = ['roundrobin', 'leastconn', 'source', 'static-rr'] as const;
export type BalancingAlgorithm = (typeof balancingAlgorithms)[number];

/** One guest that serves. */
export interface Backend {
  readonly ip: string;
  readonly port: number;
}

export interface LoadBalancerRule {
  /** Decimal id, CloudStack's own: no other rule of any network has it. */
  readonly id: string;
  readonly networkId: string;
  readonly publicIp: string;
  readonly publicPort: number;
  /** The guests' port, which the tier's ACL speaks of. */
  readonly privatePort: number;
  /** `tcp-proxy`: guests are told the client's address by the PROXY protocol (version 1), as CloudStack's virtual router does. */
  readonly protocol: 'tcp' | 'tcp-proxy';
  readonly algorithm: BalancingAlgorithm;
  /** No two are the same. A rule without any keeps its port: clients are cut off at once. */
  readonly backends: readonly Backend[];
}

/** The rules of one network, by id: the order of a map is that of the calls or, after a restart, of the state directory. */
export function loadBalancersOf(rules: Iterable<LoadBalancerRule>, networkId: string): LoadBalancerRule[] {
  const own: LoadBalancerRule[] = [];
  for (const rule of rules) if (rule.networkId === networkId) own.push(rule);
  return own.sort((one, other) => one.id.length - other.id.length || (one.id < other.id ? -1 : 1));
}
