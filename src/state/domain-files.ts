import type { Acl } from '../model/acl.js';
import type { GuestIpv6 } from '../model/domain.js';
import type { Firewall } from '../model/firewall.js';
import type { LoadBalancerRule } from '../model/load-balancer.js';
import type { GuestName, Lease, NameService, NicOptions } from '../model/name-service.js';
import type { PolicyRouting } from '../model/policy-routing.js';
import type { Cidr, Vlan } from '../model/values.js';
import type { StoredPortForward } from './port-forward-file.js';
import type { PublicRange } from './public-range.js';

/** What is on disk for one namespace. Every value is valid; what was not is missing here and named in `warnings`. */
export interface DomainFiles {
  /** Whether the domain's directory is there. */
  readonly exists: boolean;
  readonly namespace: string | undefined;
  /** CIDR of the whole VPC; undefined for a network. */
  readonly vpcCidr: Cidr | undefined;
  /** By network id: the network itself, or the VPC's tiers. */
  readonly networks: ReadonlyMap<string, StoredNetwork>;
  /** By public address. */
  readonly addresses: ReadonlyMap<string, StoredAddress>;
  /** Public to private address. */
  readonly staticNats: ReadonlyMap<string, string>;
  readonly portForwards: readonly StoredPortForward[];
  /** By our own name of the file: others that say the same port forward, as the shell wrapper calls them. */
  readonly foreignPortForwards: ReadonlyMap<string, readonly string[]>;
  /** `network-<N>/haproxy/<id>.json` of all networks. */
  readonly loadBalancers: readonly LoadBalancerRule[];
  /** By network id: `network-<N>/firewall`, our own. */
  readonly firewalls: ReadonlyMap<string, Firewall>;
  /** By network id: `network-<N>/acl`, our own. */
  readonly acls: ReadonlyMap<string, Acl>;
  /** Ids of the networks whose guests are told something: `network-<N>/metadata`, `network-<N>/passwords`. */
  readonly userData: ReadonlySet<string>;
  /** `<domain>/policy-routing`, our own; undefined when there is none. */
  readonly policyRouting: PolicyRouting | undefined;
  /** By network id: what `network-<N>/dnsmasq/` says; none where there is no `dnsmasq.conf`. */
  readonly nameServices: ReadonlyMap<string, StoredNameService>;
  /** One line per file that was skipped. */
  readonly warnings: readonly string[];
  /** Temporary files of a process that died while it wrote, relative to the root; under the domain's lock they can be removed. */
  readonly leftovers: readonly string[];
}

/** `network-<N>/{vlan,gateway,cidr,extension-ip,ip6-gateway,ip6-cidr,dns6}`; undefined where the file is missing or empty. */
export interface StoredNetwork {
  readonly vlan: Vlan | undefined;
  readonly gateway: string | undefined;
  readonly cidr: Cidr | undefined;
  readonly extensionIp: string | undefined;
  /** `network-<N>/guest-type`, our own. */
  readonly isShared?: boolean | undefined;
  /** Undefined unless both gateway and network are there. */
  readonly ipv6: GuestIpv6 | undefined;
}

/** `ips/<ip>`, `ips/<ip>.pvlan`, `ips/<ip>.tier` and our own `public/<ip>`. */
export interface StoredAddress {
  readonly sourceNat: boolean;
  readonly vlan: Vlan | undefined;
  /** Id of the network that uses the address; undefined for a VPC's source NAT address before any tier has it. */
  readonly owner: string | undefined;
  /** Undefined for an address that only the shell wrapper has assigned. */
  readonly range: PublicRange | undefined;
}

/** The files that a network's dnsmasq reads, and our own beside them. */
export interface StoredNameService {
  readonly service: NameService;
  readonly leases: readonly Lease[];
  readonly names: readonly GuestName[];
  readonly nicOptions: readonly NicOptions[];
}
