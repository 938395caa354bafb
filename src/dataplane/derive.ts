/**
 * From the model to the ruleset, piece by piece. A subject is a part of the model on which some chains or elements depend;
 * `derive` says what these are for the model as it is. Incremental changes and a full rebuild use the same function, so they
 * cannot lead to different rulesets.
 */

import {
  bytesOf,
  connectionHas,
  connectionStatus,
  immediate,
  interfaceIs,
  ipv4In,
  jump,
  masquerade,
  nat,
} from '../kernel/nft/expression.js';
import type { Rule } from '../kernel/nft/rule.js';
import { formatAddress, formatCidr, networkOf, parseAddress } from '../model/address.js';
import type { Change } from '../model/change.js';
import {
  type Domain,
  type Network,
  type PortForward,
  type PublicAddress,
  routedIpv6,
  speaksIpv6,
} from '../model/domain.js';
import type { Firewall } from '../model/firewall.js';
import { loadBalancersOf } from '../model/load-balancer.js';
import {
  aclChain,
  dnatChain,
  egressChain,
  forwardChain,
  ingressListChain,
  snatChain,
  vpcSnatChain,
} from '../model/names.js';
import { portCount } from '../model/ports.js';
import { metadataAddress } from '../model/user-data.js';
import type { Cidr } from '../model/values.js';
import { aclRules } from './acl-rules.js';
import { filteringNetwork } from './filtering-network.js';
import { firewallRules, publicAddressFirewall } from './firewall-rules.js';
import { ipv6ForwardRules, type WayIn } from './ipv6-layout.js';
import { dnatRules, forwardRules } from './layout.js';
import { loadBalancerRules } from './load-balancer-rules.js';
import { type Derived, derivedChain, derivedElement, derivedIpv6Table } from './ruleset.js';
import { chainNamed, type Family } from './tables.js';

/** A part of the model that rules depend on. */
export type Subject =
  | {
      readonly subject:
        | 'network'
        | 'address'
        | 'staticNat'
        | 'portForward'
        | 'loadBalancer'
        | 'firewall'
        | 'acl'
        | 'vpc';
      readonly key: string;
    }
  /** The firewall of one public address, which rules may name before it is assigned. */
  | { readonly subject: 'publicFirewall'; readonly key: string }
  /** The source translation of one private address, which several static NATs may want. */
  | { readonly subject: 'privateAddress'; readonly key: string }
  /** What every namespace has that speaks IPv6; the key is the domain's id. */
  | { readonly subject: 'ipv6'; readonly key: string };

/** IP protocol numbers (IANA). */
const protocolNumber = { tcp: 6, udp: 17 } as const;

/** The subjects whose rules a change may alter. */
export function subjectsOf(domain: Domain, change: Change): Subject[] {
  switch (change.kind) {
    case 'network':
      return [
        { subject: 'ipv6', key: domain.id.id },
        { subject: 'network', key: change.key },
        { subject: 'firewall', key: change.key },
        { subject: 'acl', key: change.key },
        ...[...domain.address.keys()].map((key): Subject => ({ subject: 'address', key })),
        ...publicFirewalls(domain, domain.firewall.get(change.key)),
        ...loadBalancers(domain, change.key),
      ];
    case 'address': {
      const subjects: Subject[] = [
        { subject: 'address', key: change.key },
        { subject: 'publicFirewall', key: change.key },
        { subject: 'vpc', key: domain.id.id },
      ];
      for (const address of [change.before, change.after]) {
        if (address?.owner !== undefined) subjects.push({ subject: 'network', key: address.owner });
      }
      const translation = domain.staticNat.get(change.key);
      if (translation !== undefined) subjects.push({ subject: 'privateAddress', key: translation.privateIp });
      return subjects;
    }
    case 'staticNat': {
      const subjects: Subject[] = [{ subject: 'staticNat', key: change.key }];
      for (const translation of [change.before, change.after]) {
        if (translation !== undefined) subjects.push({ subject: 'privateAddress', key: translation.privateIp });
      }
      return subjects;
    }
    case 'portForward':
      return [{ subject: 'portForward', key: change.key }];
    case 'loadBalancer':
      return [{ subject: 'loadBalancer', key: change.key }];
    case 'firewall':
      return [
        { subject: 'firewall', key: change.key },
        { subject: 'network', key: change.key },
        ...publicFirewalls(domain, change.before),
        ...publicFirewalls(domain, change.after),
      ];
    case 'acl':
      return [
        { subject: 'acl', key: change.key },
        { subject: 'network', key: change.key },
        ...loadBalancers(domain, change.key),
      ];
    case 'vpc':
      return [{ subject: 'vpc', key: change.key }];
    case 'policyRouting':
    case 'nameService':
    case 'lease':
    case 'guestName':
    case 'nicOptions':
    case 'userData':
      return [];
  }
}

/** The load balancer rules of a network. */
function loadBalancers(domain: Domain, networkId: string): Subject[] {
  return loadBalancersOf(domain.loadBalancer.values(), networkId).map(({ id }) => ({
    subject: 'loadBalancer',
    key: id,
  }));
}

/** The public addresses whose firewall may depend on a network's rule set: all it names, and all there are. */
function publicFirewalls(domain: Domain, firewall: Firewall | undefined): Subject[] {
  return [...new Set([...domain.address.keys(), ...(firewall?.publicIps ?? [])])].map((key) => ({
    subject: 'publicFirewall',
    key,
  }));
}

/** Every subject of a domain. */
export function allSubjects(domain: Domain): Subject[] {
  const named = new Set(domain.address.keys());
  for (const firewall of domain.firewall.values()) for (const publicIp of firewall.publicIps) named.add(publicIp);
  const all = (subject: Exclude<Subject['subject'], 'privateAddress' | 'ipv6'>, keys: Iterable<string>) =>
    [...keys].map((key): Subject => ({ subject, key }));
  return [
    { subject: 'ipv6', key: domain.id.id },
    ...all('vpc', [domain.id.id]),
    ...all('network', domain.network.keys()),
    ...all('firewall', domain.firewall.keys()),
    ...all('acl', domain.acl.keys()),
    ...all('address', domain.address.keys()),
    ...all('publicFirewall', named),
    ...[...domain.staticNat.values()].flatMap(({ publicIp, privateIp }): Subject[] => [
      { subject: 'staticNat', key: publicIp },
      { subject: 'privateAddress', key: privateIp },
    ]),
    ...all('portForward', domain.portForward.keys()),
    ...all('loadBalancer', domain.loadBalancer.keys()),
  ];
}

/** What the ruleset holds because of a subject. */
export function derive(domain: Domain, { subject, key }: Subject): readonly Derived[] {
  switch (subject) {
    case 'network': {
      const network = domain.network.get(key);
      if (network?.active !== true) return [];
      return [...networkRules(domain, network), ...ipv6NetworkRules(domain, network)];
    }
    case 'address': {
      const address = domain.address.get(key);
      const network = address === undefined ? undefined : networkFor(domain, address);
      return network === undefined ? [] : [derivedElement('publicAddress', [key], jump(dnatChain(network)))];
    }
    case 'staticNat': {
      const translation = domain.staticNat.get(key);
      return translation === undefined ? [] : [derivedElement('staticNat', [key], [translation.privateIp])];
    }
    case 'privateAddress':
      return privateAddressRules(domain, key);
    case 'firewall': {
      const firewall = domain.firewall.get(key);
      if (firewall === undefined) return [];
      return familiesOf(domain, key).flatMap((family) => firewallRules(key, firewall, family));
    }
    case 'publicFirewall': {
      const networkId = filteringNetwork(domain, key);
      return networkId === undefined ? [] : publicAddressFirewall(key, networkId);
    }
    case 'acl': {
      const acl = domain.acl.get(key);
      return acl === undefined ? [] : familiesOf(domain, key).flatMap((family) => aclRules(key, acl, family));
    }
    case 'vpc':
      return domain.id.kind === 'vpc' ? [vpcSnat(domain)] : [];
    case 'ipv6':
      return [...domain.network.values()].some(speaksIpv6) ? [derivedIpv6Table] : [];
    case 'portForward': {
      const forward = domain.portForward.get(key);
      return forward === undefined ? [] : portForwardElements(forward);
    }
    case 'loadBalancer': {
      const rule = domain.loadBalancer.get(key);
      if (rule === undefined || domain.network.get(rule.networkId)?.active !== true) return [];
      return loadBalancerRules(rule, domain.acl.get(rule.networkId));
    }
  }
}

/** The families that a network's lists are made into rules for. */
function familiesOf(domain: Domain, networkId: string): readonly Family[] {
  const network = domain.network.get(networkId);
  if (network?.active !== true) return [];
  return speaksIpv6(network) ? ['ip', 'ip6'] : ['ip'];
}

/**
 * The network whose DNAT chain a public address leads to: its owner's. The chains of all networks hold the same lookups, so an
 * address that lost its owner (a VPC's source NAT address came with a tier that was shut down) keeps working through another.
 */
function networkFor(domain: Domain, address: PublicAddress): string | undefined {
  if (address.owner !== undefined && domain.network.get(address.owner)?.active === true) return address.owner;
  const active = [...domain.network.values()].filter((network) => network.active).map((network) => network.id);
  return active.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0];
}

/** RFC 919: where a guest without an address asks for one. */
const broadcastAddress = '255.255.255.255';

/** Where the guests of a network ask for what the namespace serves. */
function serviceAddresses({ extensionIp, gateway }: Network): string[] {
  const own = extensionIp ?? gateway;
  return [...(own === undefined ? [] : [own]), metadataAddress, broadcastAddress];
}

/** The chains that are asked about what the guests of a network send. */
function sendingFilters(domain: Domain, { id }: Network): string[] {
  return [...(domain.firewall.has(id) ? [egressChain(id)] : []), ...(domain.acl.has(id) ? [aclChain(id, 'OUT')] : [])];
}

/** What a network is in IPv6: what its guests send is filtered as in IPv4; what comes in is decided by its ACL, else by its firewall. */
function ipv6NetworkRules(domain: Domain, network: Network): Derived[] {
  const { id, link } = network;
  const ipv6 = routedIpv6(network);
  if (ipv6 === undefined || link === undefined) return [];
  const filters = sendingFilters(domain, network);
  const wayIn: WayIn = domain.acl.has(id)
    ? { by: 'acl' }
    : domain.firewall.has(id)
      ? { by: 'firewall', chain: ingressListChain(id) }
      : { by: 'nothing' };
  const name = forwardChain(id);
  const rules = ipv6ForwardRules(chainNamed(name, 'ip6'), link, filters, wayIn);
  return [
    derivedChain(name, rules, [link, ...filters, wayIn.by].join(' '), [], 'ip6'),
    derivedElement('ipv6GuestService', [link, ipv6.gateway], undefined),
    derivedElement('ipv6FromGuest', [link], jump(name)),
    derivedElement('ipv6ToGuest', [link], jump(name)),
    ...(domain.acl.has(id) ? [derivedElement('ipv6AclIngress', [link], jump(aclChain(id, 'IN')))] : []),
  ];
}

function networkRules(domain: Domain, network: Network): Derived[] {
  const filters = sendingFilters(domain, network);
  const sources = [...domain.address.values()].filter((address) => address.sourceNat && address.owner === network.id);
  // A VPC's source NAT is for its whole CIDR and belongs to the VPC, not to the tier the address came with (CONTRACT §5.5).
  const ownSources = domain.id.kind === 'network' ? sources : [];
  const derived: Derived[] = [
    derivedChain(dnatChain(network.id), dnatRules(chainNamed(dnatChain(network.id))), ''),
    snatRules(network, ownSources),
    derivedChain(
      forwardChain(network.id),
      network.link === undefined ? [] : forwardRules(chainNamed(forwardChain(network.id)), network.link, filters),
      [network.link, ...filters].join(' '),
    ),
  ];
  if (network.link !== undefined) {
    for (const address of serviceAddresses(network))
      derived.push(derivedElement('guestService', [network.link, address], undefined));
    if (isForwarding(domain, network)) {
      derived.push(derivedElement('fromGuest', [network.link], jump(forwardChain(network.id))));
      derived.push(derivedElement('toGuest', [network.link], jump(forwardChain(network.id))));
    }
    if (domain.acl.has(network.id))
      derived.push(derivedElement('aclIngress', [network.link], jump(aclChain(network.id, 'IN'))));
  }
  if (network.cidr !== undefined) {
    const { address, prefix } = networkOf(network.cidr);
    const last = formatAddress(((parseAddress(address) ?? 0) + 2 ** (32 - prefix) - 1) >>> 0);
    derived.push(derivedElement('guestAddress', [address], jump(snatChain(network.id)), [last]));
  }
  return derived;
}

/** Guests of a shared network have another router: they are not to have a second one that asks no firewall. */
function isForwarding(domain: Domain, { id, isShared }: Network): boolean {
  return isShared !== true || [...domain.address.values()].some(({ owner }) => owner === id);
}

function snatRules(network: Network, sources: readonly PublicAddress[]): Derived {
  const name = snatChain(network.id);
  const rules: Rule[] = [];
  if (network.link !== undefined) {
    // A guest that calls a public address of its own network: without this the answer would bypass us and be dropped.
    rules.push({
      object: 'rule',
      chain: chainNamed(name),
      expressions: [
        ...interfaceIs('oifname', network.link),
        ...connectionHas('status', connectionStatus.dnat),
        masquerade(),
      ],
    });
  }
  rules.push(...sourceRules(name, network.cidr, sources));
  return derivedChain(name, rules, [network.link, sourcesSignature(network.cidr, sources)].join(' '));
}

/** A VPC's guests of all tiers go out with its source NAT address. */
function vpcSnat(domain: Domain): Derived {
  const name = vpcSnatChain(domain.id.id);
  const sources = [...domain.address.values()].filter((address) => address.sourceNat);
  return derivedChain(name, sourceRules(name, domain.vpcCidr, sources), sourcesSignature(domain.vpcCidr, sources));
}

/** What comes from `cidr` goes out with the source NAT address of the link it goes out of. */
function sourceRules(name: string, cidr: Cidr | undefined, sources: readonly PublicAddress[]): Rule[] {
  if (cidr === undefined) return [];
  return inOrder(sources).map((source) => ({
    object: 'rule',
    chain: chainNamed(name),
    expressions: [
      ...interfaceIs('oifname', source.link),
      ...ipv4In('source', cidr.address, cidr.prefix),
      immediate(bytesOf('ipv4_addr', source.address)),
      nat('snat', { address: 1 }),
    ],
  }));
}

function sourcesSignature(cidr: Cidr | undefined, sources: readonly PublicAddress[]): string {
  if (cidr === undefined) return '';
  return [formatCidr(cidr), ...inOrder(sources).map((source) => `${source.link}=${source.address}`)].join(' ');
}

function inOrder(addresses: readonly PublicAddress[]): PublicAddress[] {
  return [...addresses].sort((a, b) => (parseAddress(a.address) ?? 0) - (parseAddress(b.address) ?? 0));
}

/** Several public addresses may stand for one private address; on each link the lowest one is the address it goes out with. */
function privateAddressRules(domain: Domain, privateIp: string): Derived[] {
  const byLink = new Map<string, string>();
  for (const translation of domain.staticNat.values()) {
    const link = translation.privateIp === privateIp ? domain.address.get(translation.publicIp)?.link : undefined;
    if (link === undefined) continue;
    const other = byLink.get(link);
    if (other === undefined || (parseAddress(translation.publicIp) ?? 0) < (parseAddress(other) ?? 0)) {
      byLink.set(link, translation.publicIp);
    }
  }
  return [...byLink].map(([link, publicIp]) => derivedElement('staticNatSource', [link, privateIp], [publicIp]));
}

function portForwardElements(forward: PortForward): Derived[] {
  const { publicIp, publicPorts, privateIp, privatePorts } = forward;
  const protocol = protocolNumber[forward.protocol];
  if (publicPorts.first === privatePorts.first && portCount(publicPorts) > 1) {
    const key = [publicIp, protocol, publicPorts.first];
    return [derivedElement('portForwardRange', key, [privateIp], [publicIp, protocol, publicPorts.last])];
  }
  // A shifted range has no form of its own in nf_tables: port by port.
  const elements: Derived[] = [];
  for (let index = 0; index < portCount(publicPorts); index++) {
    const key = [publicIp, protocol, publicPorts.first + index];
    elements.push(derivedElement('portForward', key, [privateIp, privatePorts.first + index]));
  }
  return elements;
}
