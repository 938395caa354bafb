/** Matches as nf_tables rules. */

import {
  bitwise,
  bytesOf,
  cmp,
  concatenationRegisters,
  counter,
  type Expression,
  ipv4,
  ipv4In,
  lookup,
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
import { networkOf } from '../model/address.js';
import { icmpProtocol } from '../model/traffic.js';
import { chainNamed, table } from './layout.js';
import type { Match } from './match.js';
import type { KeyField, MatchGroup, Shape } from './match-group.js';
import type { SetContent } from './ruleset.js';

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

/** Rules that give one verdict to everything that one of `groups` has. */
export function matchRules(
  chain: string,
  setPrefix: string,
  groups: readonly MatchGroup[],
  decision: Verdict,
): MatchRules {
  const rules: Rule[] = [];
  const sets: SetContent[] = [];
  const signature: string[] = [decision.code];
  const add = (expressions: readonly Expression[], words: string) => {
    rules.push({
      object: 'rule',
      chain: chainNamed(chain),
      expressions: [...expressions, counter(), verdict(decision)],
    });
    signature.push(words);
  };
  for (const group of groups) {
    if (group.size <= mostRules(group.shape) || group.fields.length === 0) {
      for (const match of group.matches()) add(ownExpressions(match), `${group.name} ${group.signature}`);
    } else {
      for (const content of group.sets(table, `${setPrefix}_${group.name}`)) {
        sets.push(content);
        add(lookupExpressions(group, content.set), content.set.name);
      }
    }
  }
  return { rules, sets, signature: signature.join('\n') };
}

/** The ICMP header's first two bytes (RFC 792). */
const icmpType = (register: number) => payload('transport', 0, 1, register);
const icmpCode = (register: number) => payload('transport', 1, 1, register);

function lookupExpressions(group: MatchGroup, set: NamedSet): Expression[] {
  const registers = concatenationRegisters(set.key);
  const isIcmp = group.fields.some(({ field }) => field === 'icmpType');
  return [
    ...(isIcmp ? protocolIs(icmpProtocol) : []),
    ...group.fields.flatMap((field, index) => load(field, registers[index] ?? 1)),
    lookup(set.name, 1),
  ];
}

function load({ field, length = 32 }: KeyField, register: number): Expression[] {
  switch (field) {
    case 'publicIp':
      return [ipv4.destination(register)];
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
      if (length === 32) return [ipv4[field](register)];
      return [ipv4[field](register), bitwise(maskBytes(length), new Uint8Array(4), register, register)];
  }
}

function maskBytes(length: number): Uint8Array {
  return bytesOf('ipv4_addr', networkOf({ address: '255.255.255.255', prefix: length }).address);
}

function ownExpressions({ traffic: { protocol, ports, icmp }, publicIp, source, destination }: Match): Expression[] {
  const port = (value: number) => bytesOf('inet_service', value);
  return [
    ...(publicIp === undefined ? [] : ipv4In('destination', publicIp, 32)),
    ...(source === undefined ? [] : ipv4In('source', source.address, source.prefix)),
    ...(destination === undefined ? [] : ipv4In('destination', destination.address, destination.prefix)),
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
