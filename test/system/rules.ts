/** The nested JSON of apply-fw-rules, as CONTRACT.md §6.1 has it. */
export interface FirewallRule {
  readonly id: number;
  readonly type: 'ingress' | 'egress';
  readonly protocol: string;
  readonly portStart?: number;
  readonly portEnd?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly publicIp?: string;
  readonly sourceCidrs: readonly string[];
  readonly destCidrs: readonly string[];
}

/** One entry of apply-network-acl, as CONTRACT.md §6.2 has it; text that is not lower-case is accepted too. */
export interface AclEntry {
  readonly number: number;
  readonly action: string;
  readonly trafficType: string;
  readonly protocol: string;
  readonly portStart?: number;
  readonly portEnd?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly sourceCidrs: readonly string[];
}

export interface Matching {
  /** One port, or the first and the last of a range. */
  readonly ports?: number | readonly [number, number];
  /** Type and code; -1 is any. */
  readonly icmp?: readonly [number, number];
}

export interface FirewallMatching extends Matching {
  readonly id?: number;
  readonly from?: readonly string[];
  readonly to?: readonly string[];
}

let lastId = 9000;

/** A rule that lets traffic in to a public address; without `from`, from anywhere. */
export function ingress(publicIp: string, protocol: string, matching: FirewallMatching = {}): FirewallRule {
  return { ...firewallRule('ingress', protocol, matching), publicIp };
}

/** A rule for what guests send out; whether it lets pass or drops is the policy's affair. */
export function egress(protocol: string, matching: FirewallMatching = {}): FirewallRule {
  return firewallRule('egress', protocol, matching);
}

/** An ACL entry; `cidrs` are the sources of what comes in, the destinations of what goes out. */
export function acl(
  number: number,
  action: string,
  trafficType: string,
  protocol: string,
  matching: Matching & { readonly cidrs?: readonly string[] } = {},
): AclEntry {
  return { number, action, trafficType, protocol, ...details(matching), sourceCidrs: matching.cidrs ?? ['0.0.0.0/0'] };
}

function firewallRule(type: FirewallRule['type'], protocol: string, matching: FirewallMatching): FirewallRule {
  lastId += 1;
  return {
    id: matching.id ?? lastId,
    type,
    protocol,
    ...details(matching),
    sourceCidrs: matching.from ?? [],
    destCidrs: matching.to ?? [],
  };
}

/** CloudStack leaves out what does not belong to the protocol. */
function details({ ports, icmp }: Matching): Pick<FirewallRule, 'portStart' | 'portEnd' | 'icmpType' | 'icmpCode'> {
  const [first, last] = typeof ports === 'number' ? [ports, ports] : (ports ?? []);
  return {
    ...(first === undefined || last === undefined ? {} : { portStart: first, portEnd: last }),
    ...(icmp === undefined ? {} : { icmpType: icmp[0], icmpCode: icmp[1] }),
  };
}
