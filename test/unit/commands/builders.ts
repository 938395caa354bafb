import { planCommand } from '../../../src/commands/index.js';
import { domainIdOf } from '../../../src/commands/place.js';
import type { Plan } from '../../../src/commands/plan.js';
import type {
  AddPortForward,
  AddStaticNat,
  ApplyFirewallRules,
  ApplyLoadBalancerRules,
  ApplyNetworkAcl,
  AssignIp,
  Command,
  DeletePortForward,
  DeleteStaticNat,
  DestroyNetwork,
  DestroyVpc,
  ImplementNetwork,
  ImplementVpc,
  NetworkTarget,
  ReleaseIp,
  SaveUserData,
  ShutdownNetwork,
  ShutdownVpc,
  UpdateVpcSourceNatIp,
  VpcSourceNat,
  VpcTarget,
} from '../../../src/contract/command.js';
import { Acl } from '../../../src/model/acl.js';
import { applyChange } from '../../../src/model/change.js';
import { Domain, type GuestIpv6 } from '../../../src/model/domain.js';
import type { LoadBalancerRule } from '../../../src/model/load-balancer.js';
import { parsePortRange } from '../../../src/model/ports.js';
import type { Cidr, PortRange } from '../../../src/model/values.js';
import { firewallWith, textOf } from '../model/firewall-rules.js';

export function target(changed: Partial<NetworkTarget> = {}): NetworkTarget {
  return {
    networkId: '42',
    vpcId: undefined,
    namespace: 'cs-net-42',
    guestDevice: 'eth1',
    publicDevice: 'eth1',
    vlan: 100,
    ...changed,
  };
}

/** Tier 51, 52, … of VPC 9: 10.9.<number>.0/24 on VLAN 100, 101, … */
export function tierTarget(number: number, changed: Partial<NetworkTarget> = {}): NetworkTarget {
  return target({ networkId: `5${number}`, vpcId: '9', namespace: 'cs-vpc-9', vlan: 99 + number, ...changed });
}

/** VPC 9, in which the tiers are. */
export const vpcTarget: VpcTarget = {
  networkId: undefined,
  vpcId: '9',
  namespace: 'cs-vpc-9',
  guestDevice: 'eth1',
  publicDevice: 'eth1',
};

type Given<Name extends Command> = Partial<Omit<Name, 'name' | 'target'>> & { readonly target?: NetworkTarget };

/** Of a /64 by its first groups. */
export function ipv6Side(prefix: string): GuestIpv6 {
  return { gateway: `${prefix}::1`, cidr: { address: `${prefix}::`, prefix: 64 }, resolvers: [] };
}

export function implement(given: Given<ImplementNetwork> = {}): ImplementNetwork {
  const gateway = given.gateway ?? '10.1.1.1';
  return {
    name: 'implement-network',
    target: target(),
    gateway,
    cidr: { address: '10.1.1.0', prefix: 24 },
    extensionIp: gateway,
    ipv6: undefined,
    ...given,
  };
}

export function implementTier(number: number, given: Given<ImplementNetwork> = {}): ImplementNetwork {
  const gateway = `10.9.${number}.1`;
  const cidr = { address: `10.9.${number}.0`, prefix: 24 };
  return implement({ target: tierTarget(number), gateway, extensionIp: gateway, cidr, ...given });
}

export const shutdown = (where = target()): ShutdownNetwork => ({ name: 'shutdown-network', target: where });
export const destroy = (where = target({ vlan: undefined })): DestroyNetwork => ({
  name: 'destroy-network',
  target: where,
});

export function assign(publicIp: string, given: Given<AssignIp> = {}): AssignIp {
  return {
    name: 'assign-ip',
    target: target(),
    publicIp,
    publicVlan: 200,
    publicPrefix: 24,
    publicGateway: '203.0.113.1',
    sourceNat: false,
    gateway: undefined,
    cidr: undefined,
    ...given,
  };
}

export function release(publicIp: string | undefined, where = target()): ReleaseIp {
  return { name: 'release-ip', target: where, publicIp, publicVlan: 200 };
}

export function addStaticNat(publicIp: string, privateIp: string, given: Given<AddStaticNat> = {}): AddStaticNat {
  return { name: 'add-static-nat', target: target(), publicIp, publicVlan: 200, privateIp, ...given };
}

export function deleteStaticNat(publicIp: string | undefined, where = target()): DeleteStaticNat {
  return { name: 'delete-static-nat', target: where, publicIp, privateIp: undefined };
}

function ports(text: string): PortRange {
  const range = parsePortRange(text);
  if (range === undefined) throw new Error(`${text} is no port range`);
  return range;
}

/** `tcp 203.0.113.10:2222` → `10.1.1.10:22`. */
export function addForward(from: string, to: string, given: Given<AddPortForward> = {}): AddPortForward {
  const [, protocol, publicIp = '', publicPorts = ''] = /^(tcp|udp) ([^:]+):(.+)$/.exec(from) ?? [];
  const [privateIp = '', privatePorts = ''] = to.split(':');
  return {
    name: 'add-port-forward',
    target: target(),
    protocol: protocol as 'tcp' | 'udp',
    publicIp,
    publicVlan: 200,
    publicPorts: ports(publicPorts),
    privateIp,
    privatePorts: ports(privatePorts),
    ...given,
  };
}

export function deleteForward(from: string, where = target()): DeletePortForward {
  const { protocol, publicIp, publicPorts } = addForward(from, '10.1.1.1:1');
  return { name: 'delete-port-forward', target: where, protocol, publicIp, publicPorts };
}

export function applyFirewall(firewall = firewallWith(false, [], []), where = target()): ApplyFirewallRules {
  return { name: 'apply-fw-rules', target: where, firewall };
}

export function applyAcl(acl = new Acl([]), where: NetworkTarget = tierTarget(1)): ApplyNetworkAcl {
  return { name: 'apply-network-acl', target: where, acl };
}

/** Rule 1 on port 80, led to guest 10. */
export function balance(publicIp: string, given: Partial<LoadBalancerRule> = {}): LoadBalancerRule {
  return {
    id: '1',
    networkId: '42',
    publicIp,
    publicPort: 80,
    privatePort: 8080,
    protocol: 'tcp',
    algorithm: 'roundrobin',
    backends: [{ ip: '10.1.1.10', port: 8080 }],
    ...given,
  };
}

export function applyBalancing(
  rules: readonly LoadBalancerRule[],
  revoked: readonly string[] = [],
  where = target(),
): ApplyLoadBalancerRules {
  return { name: 'apply-lb-rules', target: where, rules, revoked };
}

/** What a guest is told; a text is the content of `user-data`. */
export function saveUserData(guestIp: string, given: Given<SaveUserData> = {}): SaveUserData {
  const files = [{ path: 'user-data', content: Buffer.from('#!/bin/sh') }];
  return { name: 'save-vm-data', target: target(), guestIp, files, password: undefined, ...given };
}

export const vpcCidr: Cidr = { address: '10.9.0.0', prefix: 16 };

/** A VPC's source NAT address as the commands about the VPC name it. */
export function vpcSource(publicIp: string, given: Partial<VpcSourceNat> = {}): VpcSourceNat {
  return { publicIp, publicVlan: 200, publicPrefix: 24, publicGateway: '203.0.113.1', ...given };
}

/** Without `publicIp` only the namespace. */
export function implementVpc(publicIp?: string, given: Partial<VpcSourceNat> & { cidr?: Cidr } = {}): ImplementVpc {
  const { cidr = vpcCidr, ...source } = given;
  const sourceNat = publicIp === undefined ? undefined : vpcSource(publicIp, source);
  return { name: 'implement-vpc', target: vpcTarget, cidr, sourceNat };
}

export function updateVpcSource(publicIp: string, given: Partial<VpcSourceNat> = {}): UpdateVpcSourceNatIp {
  return {
    name: 'update-vpc-source-nat-ip',
    target: vpcTarget,
    cidr: vpcCidr,
    sourceNat: vpcSource(publicIp, given),
  };
}

export const shutdownVpc = (): ShutdownVpc => ({ name: 'shutdown-vpc', target: vpcTarget });
export const destroyVpc = (): DestroyVpc => ({ name: 'destroy-vpc', target: vpcTarget });

/** Plans a command and does to the model what the executor does. */
export function carryOut(domain: Domain, command: Command): Plan {
  const plan = planCommand(command, domain);
  for (const change of plan.changes) applyChange(domain, change);
  if (plan.namespace !== 'expect') domain.present = plan.namespace === 'ensure';
  return plan;
}

/** The domain after some commands. */
export function domainAfter(...commands: readonly Command[]): Domain {
  const first = commands[0]?.target ?? target();
  const domain = new Domain(domainIdOf(first), first.namespace);
  for (const command of commands) carryOut(domain, command);
  return domain;
}

/** What a domain holds, without the order its entries came in. */
export function contents(domain: Domain): object {
  const sorted = <T>(map: ReadonlyMap<string, T>, value: (entry: T) => unknown = (entry) => entry) =>
    Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, entry]) => [key, value(entry)]));
  return {
    network: sorted(domain.network),
    address: sorted(domain.address),
    staticNat: sorted(domain.staticNat),
    portForward: sorted(domain.portForward),
    loadBalancer: sorted(domain.loadBalancer),
    ranges: [...domain.rangeKeys].sort(),
    firewall: sorted(domain.firewall, textOf),
    acl: sorted(domain.acl, ({ text }) => text),
    vpc: sorted(domain.vpc),
    userData: sorted(domain.userData),
    present: domain.present,
  };
}
