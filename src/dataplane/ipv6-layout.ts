/**
 * The rule layout for IPv6, where nothing is translated: a guest has its own address, and rules are asked on the way to it. A table of its own
 * beside that of IPv4, so that neither family's packets pass rules of the other.
 */

import { type Chain, priorities } from '../kernel/nft/chain.js';
import {
  accept,
  bytesOf,
  cmp,
  concatenationRegisters,
  connectionHas,
  connectionState,
  type Expression,
  interfaceIs,
  ipv6,
  ipv6In,
  jump,
  lookup,
  meta,
  payload,
  protocolIs,
  range,
  reject,
  verdict,
} from '../kernel/nft/expression.js';
import type { Rule } from '../kernel/nft/rule.js';
import type { NetfilterTransaction } from '../kernel/nft/transaction.js';
import { icmpv6Protocol, tcpProtocol } from '../model/traffic.js';
import { fromGuestRules, rule } from './layout.js';
import { chainNamed, ipv6Table, ipv6Maps as maps } from './tables.js';

const baseChain = (hook: 'input' | 'forward'): Chain => ({
  ...chainNamed(hook, 'ip6'),
  base: { type: 'filter', hook, priority: priorities.filter, policy: 'drop' },
});
const input = baseChain('input');
const forward = baseChain('forward');

/** Types of ICMPv6 messages (RFC 4443, RFC 4861, RFC 2710). */
const icmpv6 = {
  packetTooBig: 2,
  echoRequest: 128,
  listenerQuery: 130,
  routerSolicitation: 133,
  neighbourAdvertisement: 136,
};

const icmpv6TypeIs = (type: number): Expression[] => [
  ...protocolIs(icmpv6Protocol),
  payload('transport', 0, 1),
  cmp('eq', bytesOf('icmpv6_type', type)),
];

/** Code of the ICMPv6 message "destination unreachable" (RFC 4443): what an address answers where no program listens. */
const portUnreachable = 4;

/** How a packet comes to the guests of a network, once the tier's ACL, if it has one, has let it through. */
export type WayIn =
  /** Nobody decides: nothing that is new comes in. */
  | { readonly by: 'nothing' }
  /** The ACL was asked before. */
  | { readonly by: 'acl' }
  /** The chain accepts or drops. */
  | { readonly by: 'firewall'; readonly chain: string };

/** Forwarding of one network: what its guests send, and what comes to them. */
export function ipv6ForwardRules(chain: Chain, link: string, filters: readonly string[], wayIn: WayIn): Rule[] {
  const toGuest = (...expressions: Expression[]) => rule(chain, ...interfaceIs('oifname', link), ...expressions);
  const decision = wayIn.by === 'acl' ? [accept] : wayIn.by === 'firewall' ? [jump(wayIn.chain)] : [];
  return [...fromGuestRules(chain, link, filters), ...decision.map((one) => toGuest(verdict(one)))];
}

/** Adds the table with its base chains and maps, without anything of a network. */
export function addIpv6Skeleton(transaction: NetfilterTransaction): void {
  transaction.add(ipv6Table);
  for (const set of Object.values(maps)) transaction.add(set);
  for (const chain of [input, forward]) transaction.add(chain);

  const known = connectionState.established | connectionState.related;
  // Guests reach nothing here but their gateway, by pings; DNS and metadata are for IPv4. What IPv6 itself needs always passes: neighbours and
  // routers that are looked for, listeners that are asked for, and word of a packet that was too big for a link on its way.
  transaction.add(rule(input, ...connectionHas('state', known), verdict(accept)));
  transaction.add(rule(input, ...interfaceIs('iifname', 'lo'), verdict(accept)));
  transaction.add(
    rule(
      input,
      ...protocolIs(icmpv6Protocol),
      payload('transport', 0, 1),
      range(
        'eq',
        bytesOf('icmpv6_type', icmpv6.routerSolicitation),
        bytesOf('icmpv6_type', icmpv6.neighbourAdvertisement),
      ),
      verdict(accept),
    ),
  );
  transaction.add(rule(input, ...icmpv6TypeIs(icmpv6.packetTooBig), verdict(accept)));
  transaction.add(rule(input, ...icmpv6TypeIs(icmpv6.listenerQuery), verdict(accept)));
  const [guestLink = 1, service = 2] = concatenationRegisters(maps.ipv6GuestService.key);
  transaction.add(
    rule(
      input,
      ...icmpv6TypeIs(icmpv6.echoRequest),
      meta('iifname', guestLink),
      ipv6.destination(service),
      lookup(maps.ipv6GuestService.name, guestLink),
      verdict(accept),
    ),
  );
  transaction.add(
    rule(input, ...icmpv6TypeIs(icmpv6.echoRequest), ...ipv6In('destination', 'fe80::', 10), verdict(accept)),
  );
  transaction.add(rule(input, ...protocolIs(tcpProtocol), reject('tcp reset')));
  transaction.add(rule(input, reject('icmp', portUnreachable)));

  transaction.add(rule(forward, ...connectionHas('state', known), verdict(accept)));
  transaction.add(rule(forward, ...icmpv6TypeIs(icmpv6.packetTooBig), verdict(accept)));
  // As in IPv4: the receiving tier's list lets through by coming back, the sending one's is still to be asked.
  transaction.add(rule(forward, meta('oifname'), lookup(maps.ipv6AclIngress.name, 1, 0)));
  transaction.add(rule(forward, meta('iifname'), lookup(maps.ipv6FromGuest.name, 1, 0)));
  transaction.add(rule(forward, meta('oifname'), lookup(maps.ipv6ToGuest.name, 1, 0)));
}
