/**
 * The rule layout of a namespace for IPv4: which chains and maps there are. The only place that knows it, together with derive.ts; for IPv6 it is
 * ipv6-layout.ts.
 *
 * Everything that grows lies in maps that are looked up once; a base chain holds a handful of rules whatever the number of port
 * forwards. A public address or a guest link leads through a verdict map to the chains of its network, which bear the names the
 * shell wrapper gives them (HOST-BEHAVIOUR, Names).
 */

import type { Chain } from '../kernel/nft/chain.js';
import { priorities } from '../kernel/nft/chain.js';
import {
  accept,
  bitwise,
  cmp,
  concatenationRegisters,
  connectionHas,
  connectionState,
  connectionStatus,
  type Expression,
  interfaceIs,
  ipv4,
  jump,
  lookup,
  meta,
  nat,
  payload,
  protocolIs,
  reject,
  transport,
  verdict,
} from '../kernel/nft/expression.js';
import type { Rule } from '../kernel/nft/rule.js';
import type { NamedSet } from '../kernel/nft/set.js';
import type { NetfilterTransaction } from '../kernel/nft/transaction.js';
import type { DomainId } from '../model/domain.js';
import { vpcSnatChain } from '../model/names.js';
import { icmpProtocol, tcpProtocol } from '../model/traffic.js';
import { chainNamed, ipv4Maps as maps, table } from './tables.js';

/** Before DNAT: the real public address and port. */
const ingress: Chain = {
  ...chainNamed('ingress'),
  base: { type: 'filter', hook: 'prerouting', priority: priorities.mangle, policy: 'accept' },
};
const prerouting: Chain = {
  ...chainNamed('prerouting'),
  base: { type: 'nat', hook: 'prerouting', priority: priorities.dstnat, policy: 'accept' },
};
const postrouting: Chain = {
  ...chainNamed('postrouting'),
  base: { type: 'nat', hook: 'postrouting', priority: priorities.srcnat, policy: 'accept' },
};
const input: Chain = {
  ...chainNamed('input'),
  base: { type: 'filter', hook: 'input', priority: priorities.filter, policy: 'drop' },
};
const output: Chain = {
  ...chainNamed('output'),
  base: { type: 'filter', hook: 'output', priority: priorities.filter, policy: 'accept' },
};
const forward: Chain = {
  ...chainNamed('forward'),
  base: { type: 'filter', hook: 'forward', priority: priorities.filter, policy: 'drop' },
};

export const rule = (chain: Chain, ...expressions: Expression[]): Rule => ({ object: 'rule', chain, expressions });

/** `ip daddr . meta l4proto . th dport map @…`, the result in the register `into` and those after it; 0 is for verdicts. */
function publicPortLookup(set: NamedSet, into = 1): Expression[] {
  const [address = 1, protocol = 9, port = 10] = concatenationRegisters(set.key);
  return [
    ipv4.destination(address),
    meta('l4proto', protocol),
    transport.destinationPort(port),
    lookup(set.name, address, into),
  ];
}

/** DNAT rules, the same in every network's chain: exact port, range of ports, whole address. */
export function dnatRules(chain: Chain): Rule[] {
  const [address = 1, port = 9] = concatenationRegisters(maps.portForward.data);
  return [
    rule(chain, ...publicPortLookup(maps.portForward), nat('dnat', { address, port })),
    rule(chain, ...publicPortLookup(maps.portForwardRange), nat('dnat', { address: 1 })),
    rule(chain, ipv4.destination(1), lookup(maps.staticNat.name, 1, 1), nat('dnat', { address: 1 })),
  ];
}

/** Code of the ICMP message "destination unreachable" (RFC 792): what an address answers where no program listens. */
const portUnreachable = 3;

/** Flags in byte 13 of the TCP header (RFC 9293). */
const tcpFlags = { finished: 1, synchronize: 2, reset: 4, acknowledge: 16 } as const;

/**
 * TCP packets that belong to no connection we know and do not begin one. Connection tracking would take the next packet of a server for the
 * beginning of a connection, and with it a client whose connection was ended (its port forward or its rule is gone) would be let in again.
 */
export const isStray = (): Expression[] => [
  ...connectionHas('state', connectionState.new),
  ...protocolIs(tcpProtocol),
  payload('transport', 13, 1),
  bitwise(
    Uint8Array.of(tcpFlags.finished | tcpFlags.synchronize | tcpFlags.reset | tcpFlags.acknowledge),
    Uint8Array.of(0),
  ),
  cmp('neq', Uint8Array.of(tcpFlags.synchronize)),
];

/** Forwarding of what the guests of a network send, through `filters` that drop or return. */
export function fromGuestRules(chain: Chain, link: string, filters: readonly string[]): Rule[] {
  const fromGuest = (...expressions: Expression[]) => rule(chain, ...interfaceIs('iifname', link), ...expressions);
  return [
    fromGuest(...isStray(), reject('tcp reset')),
    ...filters.map((filter) => fromGuest(verdict(jump(filter)))),
    fromGuest(verdict(accept)),
  ];
}

/** Forwarding of one network: what its guests send, and what DNAT sends to them. */
export function forwardRules(chain: Chain, link: string, filters: readonly string[]): Rule[] {
  const translated = connectionHas('status', connectionStatus.dnat);
  return [
    ...fromGuestRules(chain, link, filters),
    rule(chain, ...interfaceIs('oifname', link), ...translated, verdict(accept)),
  ];
}

/** Adds the table with its base chains and maps, without anything of a network. */
export function addSkeleton(transaction: NetfilterTransaction, id: DomainId): void {
  transaction.add(table);
  for (const set of Object.values(maps)) transaction.add(set);
  for (const chain of [ingress, prerouting, postrouting, input, output, forward]) transaction.add(chain);

  const known = connectionState.established | connectionState.related;
  transaction.add(rule(ingress, ...connectionHas('state', known), verdict(accept)));
  transaction.add(rule(ingress, ipv4.destination(1), lookup(maps.ingressFirewall.name, 1, 0)));

  transaction.add(rule(prerouting, ipv4.destination(1), lookup(maps.publicAddress.name, 1, 0)));

  // Static NAT comes before source NAT: a guest that has an address of its own is seen with it.
  const [link = 1, address = 2] = concatenationRegisters(maps.staticNatSource.key);
  transaction.add(
    rule(
      postrouting,
      meta('oifname', link),
      ipv4.source(address),
      lookup(maps.staticNatSource.name, link, 1),
      nat('snat', { address: 1 }),
    ),
  );
  transaction.add(rule(postrouting, ipv4.source(1), lookup(maps.guestAddress.name, 1, 0)));
  if (id.kind === 'vpc') {
    transaction.add(chainNamed(vpcSnatChain(id.id)));
    transaction.add(rule(postrouting, verdict(jump(vpcSnatChain(id.id)))));
  }

  // The namespace itself serves guests. To everybody else it is as if nothing were there; public addresses may answer pings, if their
  // firewall lets them in.
  transaction.add(rule(input, ...connectionHas('state', known), verdict(accept)));
  transaction.add(rule(input, ...interfaceIs('iifname', 'lo'), verdict(accept)));
  // Before the guests' own rule: what one tier sends to another's load balancer is asked by the other's ACL.
  transaction.add(rule(input, ...publicPortLookup(maps.loadBalancer, 0)));
  const [guestLink = 1, service = 2] = concatenationRegisters(maps.guestService.key);
  transaction.add(
    rule(
      input,
      meta('iifname', guestLink),
      ipv4.destination(service),
      lookup(maps.guestService.name, guestLink),
      verdict(accept),
    ),
  );
  transaction.add(rule(input, ...protocolIs(icmpProtocol), verdict(accept)));
  transaction.add(rule(input, ...protocolIs(tcpProtocol), reject('tcp reset')));
  transaction.add(rule(input, reject('icmp', portUnreachable)));

  // What haproxy still sends to a client whose connection was ended must not bring it back.
  transaction.add(rule(output, ...isStray(), reject('tcp reset')));

  transaction.add(rule(forward, ...connectionHas('state', known), verdict(accept)));
  // The receiving tier's list comes first, and lets through by coming back: the sending one's is still to be asked.
  transaction.add(rule(forward, meta('oifname'), lookup(maps.aclIngress.name, 1, 0)));
  transaction.add(rule(forward, meta('iifname'), lookup(maps.fromGuest.name, 1, 0)));
  transaction.add(rule(forward, meta('oifname'), lookup(maps.toGuest.name, 1, 0)));
}
