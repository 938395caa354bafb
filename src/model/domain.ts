/**
 * The in-memory model of one namespace: an isolated network, or a VPC with its tiers. Commands read it, changes edit it; the
 * ruleset and the state files are derived from it.
 */

import type { Acl } from './acl.js';
import type { Firewall } from './firewall.js';
import type { LoadBalancerRule } from './load-balancer.js';
import type { GuestName, Lease, NameService, NicOptions } from './name-service.js';
import type { PolicyRouting } from './policy-routing.js';
import { formatPortRange, portCount } from './ports.js';
import type { UserData } from './user-data.js';
import type { Cidr, ForwardProtocol, PortRange, Vlan } from './values.js';

/** What one namespace belongs to. */
export interface DomainId {
  readonly kind: 'network' | 'vpc';
  /** Decimal id. */
  readonly id: string;
}

/** The IPv6 side of a guest network. Guests make their addresses themselves (SLAAC). */
export interface GuestIpv6 {
  /** Address of the namespace on the guest side: the guests' router. */
  readonly gateway: string;
  /** The network that guests make addresses in. */
  readonly cidr: Cidr;
  /** IPv6 resolvers that guests are told. */
  readonly resolvers: readonly string[];
}

/** One network: an isolated network or a tier. */
export interface Network {
  readonly id: string;
  /** False after a shutdown: what is known of it stays, nothing of it is in the kernel. */
  readonly active: boolean;
  readonly vlan: Vlan | undefined;
  readonly gateway: string | undefined;
  readonly cidr: Cidr | undefined;
  /** Address of the namespace on the guest side. */
  readonly extensionIp: string | undefined;
  /** Undefined: the network speaks IPv4 only. */
  readonly ipv6: GuestIpv6 | undefined;
  /** Name of the guest link inside the namespace; undefined while the network has no VLAN. */
  readonly link: string | undefined;
  /** Its guests have another router: without public addresses nothing is forwarded. */
  readonly isShared?: boolean | undefined;
}

/**
 * The IPv6 side of a network as far as it is ours: undefined also where another machine is the network's gateway, which then routes IPv6, too. In
 * its place we would take its address, and send guests to where nothing leads out.
 */
export function routedIpv6({ ipv6, gateway, extensionIp, isShared }: Network): GuestIpv6 | undefined {
  const isGateway = isShared !== true && (extensionIp === undefined || extensionIp === gateway);
  return isGateway ? ipv6 : undefined;
}

/** Whether a network that is in the kernel has an IPv6 side of ours. */
export function speaksIpv6(network: Network): boolean {
  return network.active && routedIpv6(network) !== undefined;
}

/** A public address that is assigned. */
export interface PublicAddress {
  readonly address: string;
  readonly vlan: Vlan;
  /** Prefix length of the public range. */
  readonly prefix: number;
  readonly gateway: string | undefined;
  readonly sourceNat: boolean;
  /** Id of the network that uses it; undefined for a VPC's source NAT address before any tier has it. */
  readonly owner: string | undefined;
  /** Name of the public link inside the namespace. */
  readonly link: string;
}

/** One public address stands for one private address, in both directions. */
export interface StaticNat {
  readonly publicIp: string;
  readonly privateIp: string;
}

/** Public ports lead to private ports. */
export interface PortForward {
  readonly protocol: ForwardProtocol;
  readonly publicIp: string;
  readonly publicPorts: PortRange;
  readonly privateIp: string;
  /** As many as `publicPorts`. */
  readonly privatePorts: PortRange;
}

/** A whole VPC. */
export interface Vpc {
  /** The network that all tiers lie in; undefined when there was no implement-vpc, only tiers. */
  readonly cidr: Cidr | undefined;
}

/** The kinds of things a domain holds. */
export interface Entries {
  /** By the VPC's id; none for a network. */
  readonly vpc: Vpc;
  readonly network: Network;
  readonly address: PublicAddress;
  readonly staticNat: StaticNat;
  readonly portForward: PortForward;
  /** By the rule's id. Its public address is assigned: haproxy listens on it. */
  readonly loadBalancer: LoadBalancerRule;
  /** By network id. From the first rule set on, a network's public addresses are closed to what no rule allows. */
  readonly firewall: Firewall;
  /** By network id. */
  readonly acl: Acl;
  /** By the domain's id: what custom actions have asked for. */
  readonly policyRouting: PolicyRouting;
  /** By network id; none as long as nobody has asked for DHCP or DNS. */
  readonly nameService: NameService;
  /** By network id and hardware address, the one that was sent last at the end. */
  readonly lease: Lease;
  /** By network id and address. */
  readonly guestName: GuestName;
  /** By network id and NIC id. */
  readonly nicOptions: NicOptions;
  /** By network id. */
  readonly userData: UserData;
}

export type EntryKind = keyof Entries;

/** Everything of one namespace. Only `applyChange` edits it. */
export class Domain {
  readonly network = new Map<string, Network>();
  readonly address = new Map<string, PublicAddress>();
  readonly staticNat = new Map<string, StaticNat>();
  readonly portForward = new Map<string, PortForward>();
  /** By the key of a port forward: names of the files, beside our own, in which the shell wrapper has kept it. */
  readonly foreignFiles = new Map<string, readonly string[]>();
  readonly loadBalancer = new Map<string, LoadBalancerRule>();
  readonly firewall = new Map<string, Firewall>();
  readonly acl = new Map<string, Acl>();
  readonly vpc = new Map<string, Vpc>();
  readonly policyRouting = new Map<string, PolicyRouting>();
  readonly nameService = new Map<string, NameService>();
  readonly lease = new Map<string, Lease>();
  readonly guestName = new Map<string, GuestName>();
  readonly nicOptions = new Map<string, NicOptions>();
  readonly userData = new Map<string, UserData>();
  /** Whether the namespace is there. Without it nothing of the domain is in the kernel. */
  present = false;

  /** Keys of the port forwards that are ranges: the few that another forward can overlap without being the same. */
  readonly rangeKeys = new Set<string>();

  constructor(
    readonly id: DomainId,
    /** Name of the network namespace. */
    readonly namespace: string,
  ) {}

  /** CIDR of the whole VPC; undefined for a network, and for a VPC of which only tiers are known. */
  get vpcCidr(): Cidr | undefined {
    return this.id.kind === 'vpc' ? this.vpc.get(this.id.id)?.cidr : undefined;
  }

  /** Notes that a port forward came or went; called by `applyChange`. */
  indexPortForward(key: string, forward: PortForward | undefined): void {
    if (forward !== undefined && portCount(forward.publicPorts) > 1) this.rangeKeys.add(key);
    else if (this.rangeKeys.size > 0) this.rangeKeys.delete(key);
  }

  /** The port forwards that are ranges. */
  ranges(): PortForward[] {
    return [...this.rangeKeys].flatMap((key) => this.portForward.get(key) ?? []);
  }
}

/** What a port forward is known by: nothing else decides whether two are the same. */
export function portForwardKey(forward: Pick<PortForward, 'protocol' | 'publicIp' | 'publicPorts'>): string {
  return `${forward.protocol} ${forward.publicIp} ${formatPortRange(forward.publicPorts)}`;
}
