/**
 * What must become of a packet, from HOST-BEHAVIOUR.md alone: loops over the rules as they were sent. Nothing of src is used here, so
 * that one misunderstanding cannot be on both sides.
 */

import type { SentAclRule, SentFirewall, SentFirewallRule, SentRule } from '../model/sent-rules.js';

/** The first packet of a connection. */
export interface Flow {
  /** Network whose guest sends it; undefined for the world outside. */
  readonly sender: string | undefined;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly port?: number;
  readonly icmp?: { readonly type: number; readonly code: number };
  /** The first two bytes of the transport header. */
  readonly start: readonly [number, number];
}

/** A network with all that was sent about it. */
export interface WorldNetwork {
  readonly id: string;
  readonly cidr: string;
  readonly gateway: string;
  /** First groups of its /64. */
  readonly ipv6?: string;
  readonly firewall?: SentFirewall;
  readonly acl?: readonly SentAclRule[];
}

export interface WorldForward {
  readonly publicIp: string;
  readonly protocol: 6 | 17;
  readonly first: number;
  readonly last: number;
  readonly privateIp: string;
  readonly privateFirst: number;
}

export interface World {
  readonly isVpc: boolean;
  readonly networks: readonly WorldNetwork[];
  /** Public address → network that has it; undefined for a VPC's own. */
  readonly addresses: ReadonlyMap<string, string | undefined>;
  readonly staticNats: ReadonlyMap<string, string>;
  readonly forwards: readonly WorldForward[];
}

/** Where a flow ends. */
export type Fate =
  /** Rules do not let it through. */
  | { readonly end: 'refused' }
  /** No rule is about it, but nothing forwards it. */
  | { readonly end: 'nowhere' }
  /** For the namespace itself. */
  | { readonly end: 'here' }
  /** To a guest of a network, or (undefined) out. */
  | { readonly end: 'through'; readonly to: string | undefined; readonly destination: string; readonly port?: number };

/** `ambiguous` where the page says nothing: an address without owner that rules of two tiers name. */
export function fateOf(world: World, flow: Flow): Fate | 'ambiguous' {
  const ingress = mayComeIn(world, flow);
  if (ingress === 'ambiguous') return ingress;
  if (!ingress) return { end: 'refused' };

  const { destination, port, isTranslated } = translated(world, flow);
  const isHere = world.addresses.has(destination) || world.networks.some(({ gateway }) => gateway === destination);
  if (isHere) return { end: 'here' };
  const receiver = world.networks.find(({ cidr }) => isIn(cidr, destination));
  const sender = world.networks.find(({ id }) => id === flow.sender);

  // Behind the translation: rules see the guest.
  const behind: Flow = { ...flow, destination, ...(port === undefined ? {} : { port }) };
  if (receiver?.acl !== undefined && !aclAllows(receiver.acl, 'ingress', behind, behind.source)) {
    return { end: 'refused' };
  }
  if (sender?.firewall !== undefined && !maySend(sender.firewall, behind)) return { end: 'refused' };
  if (sender?.acl !== undefined && !aclAllows(sender.acl, 'egress', behind, behind.destination)) {
    return { end: 'refused' };
  }
  const to = receiver?.id;
  // Guests may send; to guests goes what was sent to a public address of theirs.
  if (sender === undefined && !(isTranslated && receiver !== undefined)) return { end: 'nowhere' };
  return { end: 'through', to, destination, ...(port === undefined ? {} : { port }) };
}

/**
 * The same over IPv6, where guests are called by their own addresses: tiers by their ACLs, others by the ingress rules of their network, whichever
 * public address these name.
 */
export function fateOfIpv6({ networks }: World, flow: Flow): Fate {
  const { destination, port } = flow;
  if (networks.some(({ ipv6 }) => destination === `${ipv6}::1`)) return { end: 'here' };
  const receiver = networks.find(({ ipv6 }) => isIn(`${ipv6}::/64`, destination));
  const sender = networks.find(({ id }) => id === flow.sender);
  const refused = { end: 'refused' } as const;
  if (receiver?.acl !== undefined && !aclAllows(receiver.acl, 'ingress', flow, flow.source)) return refused;
  if (sender?.firewall !== undefined && !maySend(sender.firewall, flow)) return refused;
  if (sender?.acl !== undefined && !aclAllows(sender.acl, 'egress', flow, destination)) return refused;
  const through = { end: 'through', to: receiver?.id, destination, ...(port === undefined ? {} : { port }) } as const;
  if (sender !== undefined) return through;
  if (receiver === undefined) return { end: 'nowhere' };
  if (receiver.acl !== undefined) return through;
  const rules = receiver.firewall?.rules ?? [];
  const isLetIn = rules.some((rule) => isIngress(rule.type) && fits(rule, flow, [[rule.sourceCidrs, flow.source]]));
  return isLetIn ? through : refused;
}

/** An allow-list for each public address, asked with the real address and port. */
function mayComeIn({ isVpc, networks, addresses }: World, flow: Flow): boolean | 'ambiguous' {
  const { destination } = flow;
  const ownRules = (network: WorldNetwork) =>
    (network.firewall?.rules ?? []).filter((rule) => isIngress(rule.type) && rule.publicIp === destination);
  const owner = networks.find(({ id }) => id === addresses.get(destination));
  if (owner !== undefined) {
    // Once rules were applied, an address without a rule is closed; not in a VPC, where ACLs decide.
    const isClosed = isVpc ? ownRules(owner).length > 0 : owner.firewall !== undefined;
    return !isClosed || ownRules(owner).some((rule) => fits(rule, flow, [[rule.sourceCidrs, flow.source]]));
  }
  const naming = networks.filter((network) => ownRules(network).length > 0);
  if (naming.length > 1) return 'ambiguous';
  const [only] = naming;
  return only === undefined || ownRules(only).some((rule) => fits(rule, flow, [[rule.sourceCidrs, flow.source]]));
}

/** Listed rules drop when everything is allowed by default, and pass when nothing is. */
function maySend(firewall: SentFirewall, flow: Flow): boolean {
  let isListed = false;
  for (const rule of firewall.rules) {
    if (isIngress(rule.type)) continue;
    const sides = [
      [rule.sourceCidrs, flow.source],
      [rule.destCidrs, flow.destination],
    ] as const;
    if (fits(rule, flow, sides)) isListed = true;
  }
  return firewall.default_egress_allow ? !isListed : isListed;
}

/** The first rule that fits decides; what none fits is dropped. */
function aclAllows(
  rules: readonly SentAclRule[],
  direction: 'ingress' | 'egress',
  flow: Flow,
  otherSide: string,
): boolean {
  const numbers = [...new Set(rules.map(({ number }) => number))].sort((one, other) => one - other);
  for (const number of numbers) {
    for (const rule of rules) {
      if (rule.number !== number || rule.trafficType.toLowerCase() !== direction) continue;
      if (fits(rule, flow, [[rule.sourceCidrs, otherSide]])) return rule.action.toLowerCase() === 'allow';
    }
  }
  return false;
}

function isIngress(type: string): boolean {
  return type.toLowerCase() === 'ingress';
}

/** Whether one rule of a firewall means a packet, whatever comes of it. */
export function ruleFits(rule: SentFirewallRule, flow: Flow): boolean {
  const sources = [rule.sourceCidrs, flow.source] as const;
  if (isIngress(rule.type)) return rule.publicIp === flow.destination && fits(rule, flow, [sources]);
  return fits(rule, flow, [sources, [rule.destCidrs, flow.destination]]);
}

type Side = readonly [cidrs: readonly string[] | null | undefined, address: string];

function fits(rule: SentRule, flow: Flow, sides: readonly Side[]): boolean {
  return trafficFits(rule, flow) && sides.every(([cidrs, address]) => isFromOneOf(cidrs, address));
}

const protocols: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, gre: 47, esp: 50, sctp: 132 };
const icmp = 1;
const icmpv6 = 58;
const withPorts = [6, 17, 132];

function trafficFits(rule: SentRule, flow: Flow): boolean {
  const name = rule.protocol.toLowerCase();
  // 0 is every protocol, as it is for iptables.
  if (name === 'all' || name === '0') return true;
  const protocol = protocols[name] ?? Number(name);
  const isIpv6 = flow.source.includes(':');
  if ((isIpv6 && protocol === icmp ? icmpv6 : protocol) !== flow.protocol) return false;
  const isAny = (value: number | null | undefined) => value === undefined || value === null || value === -1;
  if (protocol === icmp) {
    // Echo has other numbers in IPv6, and what is below 128 there are errors.
    const echo = { 0: 129, 8: 128 }[rule.icmpType ?? -1] ?? (Number(rule.icmpType) < 128 ? 'none' : rule.icmpType);
    const type = isIpv6 ? echo : rule.icmpType;
    if (!isAny(rule.icmpType) && type !== flow.icmp?.type) return false;
    return isAny(rule.icmpCode) || rule.icmpCode === flow.icmp?.code;
  }
  if (!withPorts.includes(protocol)) return true;
  const first = isAny(rule.portStart) ? rule.portEnd : rule.portStart;
  const last = isAny(rule.portEnd) ? rule.portStart : rule.portEnd;
  if (isAny(first)) return true;
  const port = flow.port ?? -1;
  return Number(first) <= port && port <= Number(last);
}

function isFromOneOf(cidrs: readonly string[] | null | undefined, address: string): boolean {
  if (cidrs === undefined || cidrs === null || cidrs.length === 0) return true;
  return cidrs.some((cidr) => cidr.includes(':') === address.includes(':') && isIn(cidr, address));
}

/** Compares as many binary digits as the length says. */
export function isIn(cidr: string, address: string): boolean {
  const [network = '', length = '128'] = cidr.split('/');
  return bits(network).slice(0, Number(length)) === bits(address).slice(0, Number(length));
}

/** 32 hexadecimal digits. */
export function ipv6Digits(address: string): string {
  const [left = '', right] = address.toLowerCase().split('::');
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const missing = 8 - groups(left).length - groups(right).length;
  return [...groups(left), ...new Array<string>(missing).fill('0'), ...groups(right)]
    .map((group) => group.padStart(4, '0'))
    .join('');
}

function bits(address: string): string {
  if (address.includes(':'))
    return [...ipv6Digits(address)].map((one) => Number.parseInt(one, 16).toString(2).padStart(4, '0')).join('');
  return address
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
}

function translated({ networks, addresses, staticNats, forwards }: World, flow: Flow) {
  const unchanged = { destination: flow.destination, port: flow.port, isTranslated: false };
  if (!addresses.has(flow.destination) || networks.length === 0) return unchanged;
  const forward = forwards.find(
    ({ publicIp, protocol, first, last }) =>
      publicIp === flow.destination &&
      protocol === flow.protocol &&
      flow.port !== undefined &&
      first <= flow.port &&
      flow.port <= last,
  );
  if (forward !== undefined) {
    const port = forward.privateFirst + (flow.port ?? 0) - forward.first;
    return { destination: forward.privateIp, port, isTranslated: true };
  }
  const privateIp = staticNats.get(flow.destination);
  return privateIp === undefined ? unchanged : { ...unchanged, destination: privateIp, isTranslated: true };
}
