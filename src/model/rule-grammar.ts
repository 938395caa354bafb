/** The text of `ip rule` arguments ⇄ typed values. IPv4; the table is told apart from the text. */

import { formatCidr, parseNetwork } from './address.js';
import { isDeviceName } from './device.js';
import { type Grammar, GrammarProblem, type Keyword, largestNumber, parseNumber, parseWords } from './grammar.js';
import { formatIpProtocol, parseIpProtocol } from './ip-protocol.js';
import type { Mark, RuleSpecification } from './policy-routing.js';
import { formatPortRange, parsePortRange } from './ports.js';
import type { Cidr } from './values.js';

/** No mask is every bit. */
const everyBit = 0xffffffff;

const prefix = { read: parsePrefix, expected: 'an IPv4 prefix or "all"' };
const link = { read: (word: string) => (isDeviceName(word) ? word : undefined), expected: "a link's name" };
const priority = {
  field: 'priority',
  read: (word: string) => parseNumber(word, largestNumber),
  expected: 'a number',
} as const;
const ports = {
  read: (word: string) => (word.includes(':') ? undefined : parsePortRange(word)),
  expected: 'a port or a range such as 5000-5010',
};

export const ruleGrammar: Grammar<RuleSpecification> = {
  summary:
    '[not] [from PREFIX|all] [to PREFIX|all] [iif LINK] [oif LINK] [fwmark NUMBER[/MASK]] [priority NUMBER] [ipproto PROTOCOL] ' +
    '[sport PORT[-PORT]] [dport PORT[-PORT]]',
  keywords: new Map<string, Keyword<RuleSpecification>>([
    ['not', { field: 'not' }],
    ['from', { field: 'from', ...prefix }],
    ['to', { field: 'to', ...prefix }],
    ['iif', { field: 'inputLink', ...link }],
    ['dev', { field: 'inputLink', ...link }],
    ['oif', { field: 'outputLink', ...link }],
    ['fwmark', { field: 'mark', read: parseMark, expected: 'a number, or number/mask with a mask that is not 0' }],
    ['priority', priority],
    ['preference', priority],
    ['pref', priority],
    ['order', priority],
    ['ipproto', { field: 'protocol', read: parseIpProtocol, expected: "a protocol's name or number" }],
    ['sport', { field: 'sourcePorts', ...ports }],
    ['dport', { field: 'destinationPorts', ...ports }],
  ]),
  bare: [],
};

/** A rule as `ip rule` takes it, without the action. A text that says nothing is no rule. */
export function parseRule(text: string): RuleSpecification | GrammarProblem {
  const values = parseWords(text, ruleGrammar);
  if (values instanceof GrammarProblem) return values;
  if (Object.keys(values).length === 0) return new GrammarProblem(undefined, 'is empty');
  return values;
}

/** The one spelling of a rule; {@link parseRule} reads it. */
export function formatRule(rule: RuleSpecification): string {
  const { priority: order, not, from, to, inputLink, outputLink, mark, protocol, sourcePorts, destinationPorts } = rule;
  const words: (string | number)[] = [];
  if (order !== undefined) words.push('priority', order);
  if (not === true) words.push('not');
  if (from !== undefined) words.push('from', formatPrefix(from));
  if (to !== undefined) words.push('to', formatPrefix(to));
  if (inputLink !== undefined) words.push('iif', inputLink);
  if (outputLink !== undefined) words.push('oif', outputLink);
  if (mark !== undefined) words.push('fwmark', formatMark(mark));
  if (protocol !== undefined) words.push('ipproto', formatIpProtocol(protocol) ?? protocol);
  if (sourcePorts !== undefined) words.push('sport', formatPortRange(sourcePorts));
  if (destinationPorts !== undefined) words.push('dport', formatPortRange(destinationPorts));
  return words.join(' ');
}

/** Host bits do not count for the kernel, so they are not kept: two rules that mean the same are the same. */
function parsePrefix(word: string): Cidr | undefined {
  if (word === 'all' || word === 'any' || word === 'default') return { address: '0.0.0.0', prefix: 0 };
  return parseNetwork(word);
}

function formatPrefix(cidr: Cidr): string {
  return cidr.prefix === 0 ? 'all' : formatCidr(cidr);
}

function parseMark(word: string): Mark | undefined {
  const [value = '', mask, ...rest] = word.split('/');
  const parsed = parseNumber(value, largestNumber);
  const parsedMask = mask === undefined ? everyBit : parseNumber(mask, largestNumber);
  if (parsed === undefined || parsedMask === undefined || parsedMask === 0 || rest.length > 0) return undefined;
  return { value: parsed, mask: parsedMask };
}

/** As `ip rule` shows it: hexadecimal, the mask only when it leaves bits out. */
export function formatMark({ value, mask }: Mark): string {
  const hexadecimal = (number: number) => (number === 0 ? '0' : `0x${number.toString(16)}`);
  return mask === everyBit ? hexadecimal(value) : `${hexadecimal(value)}/${hexadecimal(mask)}`;
}
