/** Matches as nf_tables rules. */

import { ipv6Text } from '../address/bytes.js';
import type { Chain } from '../kernel/nft/chain.js';
import {
  bitwise,
  bytesOf,
  cmp,
  concatenationRegisters,
  counter,
  type Expression,
  ipv4,
  ipv4In,
  ipv6,
  ipv6In,
  lookup,
  maskBytes,
  meta,
  payload,
  protocolIs,
  range,
  transport,
  type Verdict,
  verdict,
} from '../kernel/nft/expression.js';
import type { Rule } from '../kernel/nft/rule.js';
import type { NamedSet } from '../kernel/nft/set.js';
import { formatAddress } from '../model/address.js';
import { icmpProtocol, icmpv6Protocol } from '../model/traffic.js';
import type { Address, Match } from './match.js';
import type { KeyField, MatchGroup, Shape } from './match-group.js';
import type { SetContent } from './ruleset.js';
import type { Family } from './tables.js';

/**
 * Up to this many matches of one form are rules of their own. A rule takes 30 µs to make, a hash set 10 µs, an interval set 60 µs, and
 * either one more rule that looks it up.
 */
const mostRules = (shape: Shape): number => (shape === 'range' ? 2 : 1);

/** Matches that give one verdict, made into rules and the sets these look into. */
export interface MatchRules {
  readonly rules: readonly Rule[];
  readonly sets: readonly SetContent[];
  /** Tells the rules from others in the same chain; the sets have signatures of their own. */
  readonly signature: string;
}

/** Rules of a chain that give one verdict to everything that one of `groups` has; all of one family. Their sets are in the chain's table. */
export function matchRules(
  family: Family,
  chain: Chain,
  setPrefix: string,
  groups: readonly MatchGroup[],
  decision: Verdict,
): MatchRules {
  const rules: Rule[] = [];
  const sets: SetContent[] = [];
  const signature: string[] = [decision.code];
  const add = (expressions: readonly Expression[], words: string) => {
    rules.push({ object: 'rule', chain, expressions: [...expressions, counter(), verdict(decision)] });
    signature.push(words);
  };
  for (const group of groups) {
    if (group.size <= mostRules(group.shape) || group.fields.length === 0) {
      for (const match of group.matches()) add(ownExpressions(family, match), `${group.name} ${group.signature}`);
    } else {
      for (const content of group.sets(chain.table, `${setPrefix}_${group.name}`)) {
        sets.push(content);
        add(lookupExpressions(family, group, content.set), content.set.name);
      }
    }
  }
  return { rules, sets, signature: signature.join('\n') };
}

/** What the families call what. */
const families = {
  ip: { header: ipv4, isIn: ipv4In, address: 'ipv4_addr', bits: 32, icmp: icmpProtocol },
  ip6: { header: ipv6, isIn: ipv6In, address: 'ipv6_addr', bits: 128, icmp: icmpv6Protocol },
} as const;

/** The first two bytes of an ICMP and of an ICMPv6 header (RFC 792, RFC 4443). */
const icmpType = (register: number) => payload('transport', 0, 1, register);
const icmpCode = (register: number) => payload('transport', 1, 1, register);

function lookupExpressions(family: Family, group: MatchGroup, set: NamedSet): Expression[] {
  const registers = concatenationRegisters(set.key);
  const isIcmp = group.fields.some(({ field }) => field === 'icmpType');
  return [
    ...(isIcmp ? protocolIs(families[family].icmp) : []),
    ...group.fields.flatMap((field, index) => load(family, field, registers[index] ?? 1)),
    lookup(set.name, 1),
  ];
}

function load(family: Family, { field, length }: KeyField, register: number): Expression[] {
  const { header, bits } = families[family];
  switch (field) {
    case 'publicIp':
      return [header.destination(register)];
    case 'protocol':
      return [meta('l4proto', register)];
    case 'port':
      return [transport.destinationPort(register)];
    case 'icmpType':
      return [icmpType(register)];
    case 'icmpCode':
      return [icmpCode(register)];
    case 'source':
    case 'destination':
      if (length === undefined || length === bits) return [header[field](register)];
      return [
        header[field](register),
        bitwise(maskBytes(bits / 8, length), new Uint8Array(bits / 8), register, register),
      ];
  }
}

function ownExpressions(family: Family, match: Match): Expression[] {
  const { traffic, publicIp, source, sourceLength, destination, destinationLength } = match;
  const { protocol, ports, icmp } = traffic;
  const { isIn, bits } = families[family];
  const port = (value: number) => bytesOf('inet_service', value);
  return [
    ...(publicIp === undefined ? [] : isIn('destination', formatAddress(publicIp), bits)),
    ...(sourceLength === 0 ? [] : isIn('source', textOf(source), sourceLength)),
    ...(destinationLength === 0 ? [] : isIn('destination', textOf(destination), destinationLength)),
    ...(protocol === 'all' ? [] : protocolIs(protocol)),
    ...(ports === undefined
      ? []
      : [
          transport.destinationPort(),
          ports.first === ports.last ? cmp('eq', port(ports.first)) : range('eq', port(ports.first), port(ports.last)),
        ]),
    ...(icmp === undefined ? [] : [icmpType(1), cmp('eq', Uint8Array.of(icmp.type))]),
    ...(icmp?.code === undefined ? [] : [icmpCode(1), cmp('eq', Uint8Array.of(icmp.code))]),
  ];
}

function textOf(address: Address): string {
  return typeof address === 'number' ? formatAddress(address) : ipv6Text(address, 0);
}
