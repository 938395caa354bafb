/**
 * From the model to the ruleset, piece by piece. A subject is a part of the model on which some chains or elements depend;
 * `derive` says what these are for the model as it is. Incremental changes and a full rebuild use the same function, so they
 * cannot lead to different rulesets.
 */

import type { Element } from '../kernel/nft/elements.js';
import {
  bytesOf,
  connectionHas,
  connectionStatus,
  type Expression,
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
import type { Domain, Network, PortForward, PublicAddress } from '../model/domain.js';
import { dnatChain, forwardChain, snatChain } from '../model/names.js';
import { portCount } from '../model/ports.js';
import { chainNamed, dnatRules, forwardRules, type MapName } from './layout.js';

/** A part of the model that rules depend on. */
export type Subject =
  | { readonly subject: 'network' | 'address' | 'staticNat' | 'portForward'; readonly key: string }
  /** The source translation of one private address, which several static NATs may want. */
  | { readonly subject: 'privateAddress'; readonly key: string };

/** An object of the ruleset. Two with equal `signature` are the same to the kernel. */
export type Derived =
  | {
      readonly object: 'element';
      readonly id: string;
      readonly signature: string;
      readonly map: MapName;
      readonly element: Element;
    }
  | {
      readonly object: 'chain';
      readonly id: string;
      readonly signature: string;
      readonly name: string;
      readonly rules: readonly Rule[];
    };

/** IP protocol numbers (IANA). */
const protocolNumber = { tcp: 6, udp: 17 } as const;

/** The subjects whose rules a change may alter. */
export function subjectsOf(domain: Domain, change: Change): Subject[] {
  switch (change.kind) {
    case 'network': {
      const addresses = [...domain.address.keys()].map((key): Subject => ({ subject: 'address', key }));
      return [{ subject: 'network', key: change.key }, ...addresses];
    }
    case 'address': {
      const subjects: Subject[] = [{ subject: 'address', key: change.key }];
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
  }
}

/** Every subject of a domain. */
export function allSubjects(domain: Domain): Subject[] {
  return [
    ...[...domain.network.keys()].map((key): Subject => ({ subject: 'network', key })),
    ...[...domain.address.keys()].map((key): Subject => ({ subject: 'address', key })),
    ...[...domain.staticNat.values()].flatMap(({ publicIp, privateIp }): Subject[] => [
      { subject: 'staticNat', key: publicIp },
      { subject: 'privateAddress', key: privateIp },
    ]),
    ...[...domain.portForward.keys()].map((key): Subject => ({ subject: 'portForward', key })),
  ];
}

/** What the ruleset holds because of a subject. */
export function derive(domain: Domain, { subject, key }: Subject): Derived[] {
  switch (subject) {
    case 'network': {
      const network = domain.network.get(key);
      return network?.active === true ? networkRules(domain, network) : [];
    }
    case 'address': {
      const address = domain.address.get(key);
      const network = address === undefined ? undefined : networkFor(domain, address);
      return network === undefined ? [] : [element('publicAddress', [key], jump(dnatChain(network)))];
    }
    case 'staticNat': {
      const translation = domain.staticNat.get(key);
      return translation === undefined ? [] : [element('staticNat', [key], [translation.privateIp])];
    }
    case 'privateAddress':
      return privateAddressRules(domain, key);
    case 'portForward': {
      const forward = domain.portForward.get(key);
      return forward === undefined ? [] : portForwardElements(forward);
    }
  }
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

function element(map: MapName, key: Element['key'], data: Element['data'], end?: Element['key']): Derived {
  const value = data !== undefined && 'code' in data ? JSON.stringify(data) : (data ?? []).join(' . ');
  const last = end === undefined ? '' : `-${end.join(' . ')}`;
  return {
    object: 'element',
    id: `${map} ${key.join(' . ')}${last}`,
    signature: value,
    map,
    element: { key, ...(end === undefined ? {} : { end }), ...(data === undefined ? {} : { data }) },
  };
}

function chain(name: string, rules: readonly Rule[], signature: string): Derived {
  return { object: 'chain', id: `chain ${name}`, signature, name, rules };
}

function networkRules(domain: Domain, network: Network): Derived[] {
  const sources = [...domain.address.values()].filter((address) => address.sourceNat && address.owner === network.id);
  // A VPC's source NAT is for its whole CIDR and belongs to the VPC, not to the tier the address came with (CONTRACT §5.5).
  const ownSources = domain.id.kind === 'network' ? sources : [];
  const derived = [
    chain(dnatChain(network.id), dnatRules(chainNamed(dnatChain(network.id))), ''),
    snatRules(network, ownSources),
    chain(
      forwardChain(network.id),
      network.link === undefined ? [] : forwardRules(chainNamed(forwardChain(network.id)), network.link),
      network.link ?? '',
    ),
  ];
  if (network.link !== undefined) {
    derived.push(element('fromGuest', [network.link], jump(forwardChain(network.id))));
    derived.push(element('toGuest', [network.link], jump(forwardChain(network.id))));
  }
  if (network.cidr !== undefined) {
    const { address, prefix } = networkOf(network.cidr);
    const last = formatAddress(((parseAddress(address) ?? 0) + 2 ** (32 - prefix) - 1) >>> 0);
    derived.push(element('guestAddress', [address], jump(snatChain(network.id)), [last]));
  }
  return derived;
}

function snatRules(network: Network, sources: readonly PublicAddress[]): Derived {
  const name = snatChain(network.id);
  const add = (...expressions: Expression[]): Rule => ({ object: 'rule', chain: chainNamed(name), expressions });
  const rules: Rule[] = [];
  if (network.link !== undefined) {
    // A guest that calls a public address of its own network: without this the answer would bypass us and be dropped.
    rules.push(
      add(...interfaceIs('oifname', network.link), ...connectionHas('status', connectionStatus.dnat), masquerade()),
    );
  }
  const ordered = [...sources].sort((a, b) => (parseAddress(a.address) ?? 0) - (parseAddress(b.address) ?? 0));
  for (const source of network.cidr === undefined ? [] : ordered) {
    rules.push(
      add(
        ...interfaceIs('oifname', source.link),
        ...ipv4In('source', network.cidr?.address ?? '', network.cidr?.prefix ?? 0),
        immediate(bytesOf('ipv4_addr', source.address)),
        nat('snat', { address: 1 }),
      ),
    );
  }
  const signature = [
    network.link,
    network.cidr && formatCidr(network.cidr),
    ...ordered.map((source) => `${source.link}=${source.address}`),
  ].join(' ');
  return chain(name, rules, signature);
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
  return [...byLink].map(([link, publicIp]) => element('staticNatSource', [link, privateIp], [publicIp]));
}

function portForwardElements(forward: PortForward): Derived[] {
  const { publicIp, publicPorts, privateIp, privatePorts } = forward;
  const protocol = protocolNumber[forward.protocol];
  if (publicPorts.first === privatePorts.first && portCount(publicPorts) > 1) {
    const key = [publicIp, protocol, publicPorts.first];
    return [element('portForwardRange', key, [privateIp], [publicIp, protocol, publicPorts.last])];
  }
  // A shifted range has no form of its own in nf_tables: port by port.
  return Array.from({ length: portCount(publicPorts) }, (_, index) =>
    element('portForward', [publicIp, protocol, publicPorts.first + index], [privateIp, privatePorts.first + index]),
  );
}
