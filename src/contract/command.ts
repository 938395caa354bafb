/** The typed commands: what is left of the text CloudStack sends once it is decoded and validated. */

import type { Acl } from '../model/acl.js';
import type { GuestIpv6 } from '../model/domain.js';
import type { Firewall } from '../model/firewall.js';
import type { LoadBalancerRule } from '../model/load-balancer.js';
import type { Cidr, ForwardProtocol, PortRange, Vlan } from '../model/values.js';
import type { ActionRequest } from './custom-action.js';
import type { NameServiceCommand } from './name-service-command.js';

/** What every network command says about where it acts. */
export interface NetworkTarget {
  /** Decimal id of the network. */
  readonly networkId: string;
  /** Decimal id of the VPC when the network is a tier. */
  readonly vpcId: string | undefined;
  /** Name of the network namespace: `cs-vpc-<V>`, else the details' `namespace`, else `cs-net-<N>`. */
  readonly namespace: string;
  /** Host device that carries guest VLANs, default `eth1`. */
  readonly guestDevice: string;
  /** Host device that carries public VLANs, default `eth1`. */
  readonly publicDevice: string;
  /** Guest VLAN; undefined when it was empty or not sent (take it from the state). */
  readonly vlan: Vlan | undefined;
  /** What is known of a network that others route for; undefined for all others, and in generation 1, which does not say. */
  readonly shared?: SharedNetwork | undefined;
  /** The management server has ended the network or is about to: what a command is about need not be there any more. */
  readonly isEnding?: boolean | undefined;
}

/**
 * A network whose guests have another router, and which may be used without an implement-network (CONTRACT §4.7): what it is made of then.
 */
export interface SharedNetwork {
  readonly gateway: string | undefined;
  readonly cidr: Cidr | undefined;
  /** The address the namespace has on the guest side; the gateway when not sent. */
  readonly extensionIp: string | undefined;
}

/** What a command about a whole VPC says about where it acts. */
export interface VpcTarget {
  readonly networkId: undefined;
  /** Decimal id of the VPC. */
  readonly vpcId: string;
  /** `cs-vpc-<V>`. */
  readonly namespace: string;
  readonly guestDevice: string;
  readonly publicDevice: string;
}

/** Where a command acts. */
export type Target = NetworkTarget | VpcTarget;

export interface ImplementNetwork {
  readonly name: 'implement-network';
  readonly target: NetworkTarget;
  readonly gateway: string | undefined;
  readonly cidr: Cidr | undefined;
  /** The address the namespace has on the guest side; the gateway when not sent. */
  readonly extensionIp: string | undefined;
  /** CloudStack leaves the VLAN to us and is to be told which it is. */
  readonly tellsBroadcast?: boolean | undefined;
  /** Undefined when not sent: what is known stays. */
  readonly ipv6: GuestIpv6 | undefined;
}

export interface ShutdownNetwork {
  readonly name: 'shutdown-network';
  readonly target: NetworkTarget;
}

export interface DestroyNetwork {
  readonly name: 'destroy-network';
  readonly target: NetworkTarget;
}

export interface AssignIp {
  readonly name: 'assign-ip';
  readonly target: NetworkTarget;
  readonly publicIp: string;
  /** Undefined when empty: taken from the state, else an error. */
  readonly publicVlan: Vlan | undefined;
  /** Prefix length of the public range; 32 when not sent. */
  readonly publicPrefix: number;
  readonly publicGateway: string | undefined;
  readonly sourceNat: boolean;
  readonly gateway: string | undefined;
  readonly cidr: Cidr | undefined;
}

export interface ReleaseIp {
  readonly name: 'release-ip';
  readonly target: NetworkTarget;
  /** Undefined when the public block is missing: nothing to do (CONTRACT §12). */
  readonly publicIp: string | undefined;
  readonly publicVlan: Vlan | undefined;
}

export interface AddStaticNat {
  readonly name: 'add-static-nat';
  readonly target: NetworkTarget;
  readonly publicIp: string;
  readonly publicVlan: Vlan | undefined;
  readonly privateIp: string;
}

export interface DeleteStaticNat {
  readonly name: 'delete-static-nat';
  readonly target: NetworkTarget;
  readonly publicIp: string | undefined;
  /** Undefined when empty: taken from the state. */
  readonly privateIp: string | undefined;
}

export interface AddPortForward {
  readonly name: 'add-port-forward';
  readonly target: NetworkTarget;
  readonly publicIp: string;
  readonly publicVlan: Vlan | undefined;
  readonly protocol: ForwardProtocol;
  readonly publicPorts: PortRange;
  readonly privateIp: string;
  /** Same length as `publicPorts`. */
  readonly privatePorts: PortRange;
}

export interface DeletePortForward {
  readonly name: 'delete-port-forward';
  readonly target: NetworkTarget;
  readonly publicIp: string | undefined;
  readonly protocol: ForwardProtocol;
  readonly publicPorts: PortRange;
}

/** The complete set of rules of a network, in place of the one before. */
export interface ApplyFirewallRules {
  readonly name: 'apply-fw-rules';
  readonly target: NetworkTarget;
  readonly firewall: Firewall;
}

/** The complete list of a tier, in place of the one before. */
export interface ApplyNetworkAcl {
  readonly name: 'apply-network-acl';
  readonly target: NetworkTarget;
  readonly acl: Acl;
}

/** Rules that come or go. What is not named stays. */
export interface ApplyLoadBalancerRules {
  readonly name: 'apply-lb-rules';
  readonly target: NetworkTarget;
  /** No id twice, here or in `revoked`. */
  readonly rules: readonly LoadBalancerRule[];
  /** Ids of those that go. */
  readonly revoked: readonly string[];
}

/** A VPC's source NAT address. */
export interface VpcSourceNat {
  readonly publicIp: string;
  readonly publicVlan: Vlan | undefined;
  /** Prefix length of the public range; 32 when not sent. */
  readonly publicPrefix: number;
  readonly publicGateway: string | undefined;
}

export interface ImplementVpc {
  readonly name: 'implement-vpc';
  readonly target: VpcTarget;
  readonly cidr: Cidr | undefined;
  /** Undefined when no address was allocated, or not for source NAT. */
  readonly sourceNat: VpcSourceNat | undefined;
}

export interface ShutdownVpc {
  readonly name: 'shutdown-vpc';
  readonly target: VpcTarget;
}

export interface DestroyVpc {
  readonly name: 'destroy-vpc';
  readonly target: VpcTarget;
}

export interface UpdateVpcSourceNatIp {
  readonly name: 'update-vpc-source-nat-ip';
  readonly target: VpcTarget;
  readonly cidr: Cidr | undefined;
  readonly sourceNat: VpcSourceNat;
}

/** Something an operator asks for, on a network, a tier or a VPC. */
export interface CustomAction {
  readonly name: 'custom-action';
  readonly target: Target;
  readonly request: ActionRequest;
  /** How CloudStack wants to be answered about routing and rules: generation 2 shows a JSON object's `message` (CONTRACT §5.11). */
  readonly answer: 'text' | 'json';
}

/** A file that a guest can ask for. */
export interface GuestFile {
  /** Its place below `/latest/`: `user-data`, `meta-data/<key>`, `<directory>/<file>`; each part is a plain file name. */
  readonly path: string;
  /** Empty: there is to be no such file. */
  readonly content: Uint8Array;
}

/** What one guest is to be told: the commands that save user data differ only in how they say it. */
export interface SaveUserData {
  readonly name: 'save-vm-data' | 'save-userdata' | 'save-password' | 'save-sshkey' | 'save-hypervisor-hostname';
  readonly target: NetworkTarget;
  /** The guest's address. */
  readonly guestIp: string;
  /** No path twice; files that are not named stay as they are. */
  readonly files: readonly GuestFile[];
  /** One line; empty: it is to be forgotten; undefined: it stays as it is. */
  readonly password: string | undefined;
}

/** A NIC that restore-network lists, and what its guest is told. */
export interface RestoredGuest extends Pick<SaveUserData, 'files' | 'password'> {
  readonly ip: string;
  /** Undefined only when no DHCP is served. */
  readonly mac: string | undefined;
  readonly hostname: string | undefined;
  /** Undefined when not sent, or empty: it has none. */
  readonly ipv6Address: string | undefined;
  /** A secondary NIC is told no router. */
  readonly isDefaultNic: boolean;
}

/** All NICs that have an address in a network, in place of those that were known, and which of the services CloudStack wants of us. */
export interface RestoreNetwork {
  readonly name: 'restore-network';
  readonly target: NetworkTarget;
  readonly resolvers: readonly string[];
  readonly domain: string | undefined;
  readonly dhcp: boolean;
  readonly dns: boolean;
  readonly userData: boolean;
  readonly guests: readonly RestoredGuest[];
}

export type Command =
  | ImplementNetwork
  | ShutdownNetwork
  | DestroyNetwork
  | AssignIp
  | ReleaseIp
  | AddStaticNat
  | DeleteStaticNat
  | AddPortForward
  | DeletePortForward
  | ApplyFirewallRules
  | ApplyNetworkAcl
  | ApplyLoadBalancerRules
  | ImplementVpc
  | ShutdownVpc
  | DestroyVpc
  | UpdateVpcSourceNatIp
  | CustomAction
  | NameServiceCommand
  | SaveUserData
  | RestoreNetwork;

/** A decoded call: which extension it came through, and what it asks for. */
export interface Request {
  /** Name of the directory the program is installed in; names the state and log directories. */
  readonly extension: string;
  readonly command: Command;
  /** Only to be shown, not carried out. */
  readonly isDryRun: boolean;
  /** Milliseconds after which the caller wants an answer; undefined: it waits. */
  readonly timeout: number | undefined;
  /** Lines for the log about what was tolerated, without secrets. */
  readonly warnings: readonly string[];
}
