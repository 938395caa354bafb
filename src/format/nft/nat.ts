/** Instructions that rewrite addresses and ports: `dnat to 10.0.0.1:80`, `masquerade to :1024-2000 random`. */

import type { Expression } from '../../kernel/nft/expression.js';
import type { Family } from '../../kernel/nft/table.js';
import { types } from './data-type.js';
import { asValueOf, bracketed, type Operand } from './operand.js';
import type { FormatOptions } from './style.js';

/** NF_NAT_RANGE_* of linux/netfilter/nf_nat.h. */
const flagWords = { random: 4, 'fully-random': 16, persistent: 8 } as const;
const NF_NAT_RANGE_NETMAP = 64;

interface NatData {
  readonly type?: 'snat' | 'dnat';
  readonly family?: 'ip' | 'ip6';
  readonly addressMin?: number;
  readonly addressMax?: number;
  readonly portMin?: number;
  readonly portMax?: number;
  readonly flags?: number;
}

type Read = (register: number) => Operand;

function flagsText(flags = 0): string {
  const words = Object.entries(flagWords).filter(([, bit]) => (flags & bit) !== 0);
  return words.length === 0 ? '' : ` ${words.map(([word]) => word).join(',')}`;
}

function portsText({ portMin, portMax }: NatData, read: Read, options: FormatOptions): string {
  if (portMin === undefined) return '';
  const first = asValueOf(types.inet_service, read(portMin), options);
  if (portMax === undefined || portMax === portMin) return `:${first}`;
  return `:${first}-${asValueOf(types.inet_service, read(portMax), options)}`;
}

/** `masquerade` and `redirect`, which take ports only. */
export function portNatText(
  word: 'masquerade' | 'redirect',
  { data }: Expression,
  read: Read,
  options: FormatOptions,
): string {
  const nat = (data ?? {}) as NatData;
  const ports = portsText(nat, read, options);
  return `${word}${ports === '' ? '' : ` to ${ports}`}${flagsText(nat.flags)}`;
}

/** `snat` and `dnat`. */
export function natText(expression: Expression, family: Family, read: Read, options: FormatOptions): string {
  const nat = (expression.data ?? {}) as NatData;
  const { type, addressMin, addressMax, portMin, flags = 0 } = nat;
  if (type === undefined) return bracketed(expression);
  const address = addressMin === undefined ? undefined : read(addressMin);
  const concatenated = address !== undefined && portMin !== undefined && read(portMin) === address;
  // nft says the family where a table has several, and where the map leads to more than an address.
  const named = (family !== 'ip' && family !== 'ip6') || concatenated;
  let text: string = type;
  if (named && nat.family !== undefined) text += ` ${nat.family}`;
  if ((flags & NF_NAT_RANGE_NETMAP) !== 0) text += ' prefix';
  text += ' to ';
  if (address !== undefined) {
    const addressType = nat.family === 'ip6' ? types.ipv6_addr : types.ipv4_addr;
    const bracket = nat.family === 'ip6' && portMin !== undefined && address.constant !== undefined;
    const one = (operand: Operand) => {
      const value = asValueOf(addressType, operand, options);
      return bracket ? `[${value}]` : value;
    };
    text += one(address);
    const last = addressMax === undefined || addressMax === addressMin ? undefined : read(addressMax);
    if (last !== undefined && last !== address) text += `-${one(last)}`;
  }
  if (!concatenated) text += portsText(nat, read, options);
  return text + flagsText(flags);
}
