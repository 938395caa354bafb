/** What the rules of a firewall and of an ACL have in common (CONTRACT §6.1, §6.2). */

import type { z } from 'zod';
import { formatAddress } from '../model/address.js';
import type { NetworkListsBuilder } from '../model/network-lists.js';
import {
  formatProtocol,
  hasPorts,
  isIcmp,
  type Networks,
  networksOf,
  parseProtocol,
  type Traffic,
} from '../model/traffic.js';
import { type NetworkColumn, otherPrefix, type Rows } from '../rows/rows.js';
import { quote } from './quote.js';

const text = { kind: 'text', isRequired: true } as const;
const integerOrNone = { kind: 'integer', isRequired: false } as const;
const networksOrNone = { kind: 'networks', isRequired: false } as const;

/** Members of a rule as they are sent. */
export const ruleColumns = {
  protocol: text,
  portStart: integerOrNone,
  portEnd: integerOrNone,
  icmpType: integerOrNone,
  icmpCode: integerOrNone,
  sourceCidrs: networksOrNone,
} as const;

/** Rules as they were sent, with these members at least. */
export type RuleRows = Rows<typeof ruleColumns>;

/** A rule is not what it should be: which member, and what was expected. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

/** -1 is how CloudStack says "any". */
function given(value: Sent): number | undefined {
  return value === null || value === -1 || Number.isNaN(value) ? undefined : value;
}

type Sent = number | null | undefined;

/** What a rule is about, from its members as they are sent. Not one object of them: lists are long. @throws RuleError */
export function trafficOf(name: string, portStart: Sent, portEnd: Sent, icmpType: Sent, icmpCode: Sent): Traffic {
  const protocol = parseProtocol(name);
  if (protocol === undefined) {
    throw new RuleError(`protocol ${quote(name)}: expected a protocol's name, its number, or all`);
  }
  const first = given(portStart);
  const last = given(portEnd);
  if (isIcmp(protocol)) {
    const icmp = icmpOf(given(icmpType), given(icmpCode));
    return icmp === undefined ? { protocol } : { protocol, icmp };
  }
  if (first === undefined && last === undefined) return { protocol };
  if (!hasPorts(protocol)) {
    throw new RuleError(`portStart ${first ?? last}: expected none, protocol ${formatProtocol(protocol)} has no ports`);
  }
  const ports = portsOf(first ?? last ?? 0, last ?? first ?? 0);
  return ports === undefined ? { protocol } : { protocol, ports };
}

function portsOf(first: number, last: number): Traffic['ports'] {
  if (first < 0 || first > 65535) throw new RuleError(`portStart ${first}: expected a port from 1 to 65535`);
  if (last < first || last > 65535) throw new RuleError(`portEnd ${last}: expected a port from ${first} to 65535`);
  if (last === 0) throw new RuleError('portEnd 0: expected a port from 1 to 65535');
  // Port 0 is none.
  return first <= 1 && last === 65535 ? undefined : { first: Math.max(first, 1), last };
}

function icmpOf(type: number | undefined, code: number | undefined): Traffic['icmp'] {
  const isByte = (value: number) => value >= 0 && value <= 255;
  if (type !== undefined && !isByte(type)) throw new RuleError(`icmpType ${type}: expected 0 to 255, or -1 for any`);
  if (code !== undefined && !isByte(code)) throw new RuleError(`icmpCode ${code}: expected 0 to 255, or -1 for any`);
  // As CloudStack's own router has it: of any type a code says nothing.
  return type === undefined ? undefined : { type, code };
}

/** What the rule in a row is about. @throws RuleError */
export function trafficAt({ texts, protocol, portStart, portEnd, icmpType, icmpCode }: RuleRows, row: number): Traffic {
  return trafficOf(texts[protocol[row] ?? 0] ?? '', portStart[row], portEnd[row], icmpType[row], icmpCode[row]);
}

/** Adds the list of the rule in a row; no CIDR at all is every address. @throws RuleError */
export function addNetworks(
  member: 'sourceCidrs' | 'destCidrs',
  texts: readonly string[],
  column: NetworkColumn,
  row: number,
  into: NetworkListsBuilder,
): void {
  const start = column.starts[row] ?? 0;
  const end = column.starts[row + 1] ?? 0;
  if (start === end) {
    into.any();
    return;
  }
  into.begin();
  for (let place = start; place < end; place++) {
    const address = column.addresses[place] ?? 0;
    const prefix = column.prefixes[place] ?? 0;
    if (prefix !== otherPrefix) into.addIpv4(address, prefix);
    else if (!into.addText(texts[address] ?? '')) throw wrongNetwork(member, texts[address] ?? '');
  }
}

/** The list of the rule in a row; no CIDR at all is every address. @throws RuleError */
export function networksAt({ texts, sourceCidrs }: RuleRows, row: number): Networks {
  return networksFrom('sourceCidrs', cidrsAt(sourceCidrs, texts, row));
}

/** No CIDR at all is every address. @throws RuleError */
export function networksFrom(
  member: 'sourceCidrs' | 'destCidrs',
  cidrs: readonly string[] | null | undefined,
): Networks {
  if (cidrs === null || cidrs === undefined || cidrs.length === 0) return 'any';
  const networks = networksOf(cidrs);
  if (networks !== undefined) return networks;
  throw wrongNetwork(member, cidrs.find((cidr) => networksOf([cidr]) === undefined) ?? '');
}

function cidrsAt({ starts, addresses, prefixes }: NetworkColumn, texts: readonly string[], row: number): string[] {
  const cidrs: string[] = [];
  for (let place = starts[row] ?? 0; place < (starts[row + 1] ?? 0); place++) {
    const address = addresses[place] ?? 0;
    const prefix = prefixes[place] ?? 0;
    cidrs.push(prefix === otherPrefix ? (texts[address] ?? '') : `${formatAddress(address)}/${prefix}`);
  }
  return cidrs;
}

function wrongNetwork(member: string, text: string): RuleError {
  return new RuleError(`${member} ${quote(text)}: expected a network such as 198.51.100.0/24 or 2001:db8::/64`);
}

/** What zod found wrong with a rule, in one line. */
export function issueWords(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'the rule'}: ${issue?.message ?? 'is not what it should be'}`;
}
