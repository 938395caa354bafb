/** The text of `ip route` arguments ⇄ typed values. IPv4; the table is told apart from the text. */

import { formatCidr, isAddress, parseCidr } from './address.js';
import { isDeviceName } from './device.js';
import { type Grammar, GrammarProblem, type Keyword, largestNumber, parseNumber, parseWords } from './grammar.js';
import type { RouteSpecification, RouteType } from './policy-routing.js';
import type { Cidr } from './values.js';

const types: readonly RouteType[] = ['unicast', 'blackhole', 'unreachable', 'prohibit'];

/** RTPROT_* of linux/rtnetlink.h that may be named; any other is a number. */
const protocols: ReadonlyMap<string, 'kernel' | 'boot' | 'static'> = new Map([
  ['kernel', 'kernel'],
  ['boot', 'boot'],
  ['static', 'static'],
]);
const protocolsByNumber: readonly ['kernel' | 'boot' | 'static', number][] = [
  ['kernel', 2],
  ['boot', 3],
  ['static', 4],
];

/** RT_SCOPE_* of linux/rtnetlink.h. */
const scopes = [
  ['global', 0],
  ['site', 200],
  ['link', 253],
  ['host', 254],
  ['nowhere', 255],
] as const;

const address = { read: (word: string) => (isAddress(word) ? word : undefined), expected: 'an IPv4 address' };
const number = { read: (word: string) => parseNumber(word, largestNumber), expected: 'a number' };

export const routeGrammar: Grammar<RouteSpecification> = {
  summary:
    '[unicast|blackhole|unreachable|prohibit] PREFIX|default [via ADDRESS] [dev LINK] [src ADDRESS] [metric NUMBER] ' +
    '[proto static|boot|kernel|NUMBER] [scope global|site|link|host] [onlink] [mtu NUMBER]',
  keywords: new Map<string, Keyword<RouteSpecification>>([
    ['via', { field: 'gateway', ...address }],
    ['dev', { field: 'link', read: (word) => (isDeviceName(word) ? word : undefined), expected: "a link's name" }],
    ['src', { field: 'source', ...address }],
    ['metric', { field: 'metric', ...number }],
    ['preference', { field: 'metric', ...number }],
    ['priority', { field: 'metric', ...number }],
    ['proto', { field: 'protocol', read: parseProtocol, expected: 'static, boot, kernel or a number up to 255' }],
    ['protocol', { field: 'protocol', read: parseProtocol, expected: 'static, boot, kernel or a number up to 255' }],
    ['scope', { field: 'scope', read: parseScope, expected: 'global, site, link or host' }],
    ['onlink', { field: 'onlink' }],
    ['mtu', { field: 'mtu', ...number }],
  ]),
  bare: [
    { field: 'type', read: (word) => types.find((type) => type === word) },
    { field: 'destination', read: parseDestination },
  ],
};

/** A route as `ip route` takes it. */
export function parseRoute(text: string): RouteSpecification | GrammarProblem {
  const values = parseWords(text, routeGrammar);
  if (values instanceof GrammarProblem) return values;
  const { destination, metric, ...rest } = values;
  if (destination === undefined) return new GrammarProblem(undefined, 'has no destination');
  // Metric 0 is none.
  return { ...rest, destination, ...(metric === undefined || metric === 0 ? {} : { metric }) };
}

/** The one spelling of a route; {@link parseRoute} reads it. */
export function formatRoute(route: RouteSpecification): string {
  const { type, destination, gateway, link, source, metric, protocol, scope, onlink, mtu } = route;
  const words: (string | number)[] = type === undefined ? [] : [type];
  words.push(destination === 'default' ? destination : formatCidr(destination));
  if (gateway !== undefined) words.push('via', gateway);
  if (link !== undefined) words.push('dev', link);
  if (source !== undefined) words.push('src', source);
  if (metric !== undefined) words.push('metric', metric);
  if (protocol !== undefined) words.push('proto', protocol);
  if (scope !== undefined) words.push('scope', scope);
  if (onlink === true) words.push('onlink');
  if (mtu !== undefined) words.push('mtu', mtu);
  return words.join(' ');
}

/** `10.0.0.0/8`, `10.0.0.1`, `default`, and `default` by its other names. */
function parseDestination(word: string): Cidr | 'default' | undefined {
  if (word === 'default' || word === '0/0') return 'default';
  const cidr = parseCidr(word.includes('/') ? word : `${word}/32`);
  return cidr?.prefix === 0 && cidr.address === '0.0.0.0' ? 'default' : cidr;
}

function parseProtocol(word: string): RouteSpecification['protocol'] {
  const value = parseNumber(word, 255);
  return protocols.get(word) ?? protocolsByNumber.find(([, number]) => number === value)?.[0] ?? value;
}

function parseScope(word: string): RouteSpecification['scope'] {
  const value = parseNumber(word, 255);
  return scopes.find(([name, number]) => name === word || number === value)?.[0];
}
