import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOf } from '../../../src/model/address.js';
import { GrammarProblem } from '../../../src/model/grammar.js';
import {
  PolicyRouting,
  parsePolicyRouting,
  type RouteSpecification,
  type RuleSpecification,
} from '../../../src/model/policy-routing.js';
import { formatRoute, parseRoute } from '../../../src/model/route-grammar.js';
import { formatRule, parseRule } from '../../../src/model/rule-grammar.js';
import { anyHostAddress, anyPortRange } from './arbitraries.js';
import { injections } from './injections.js';

const cidr = (text: string) => {
  const [address = '', prefix] = text.split('/');
  return { address, prefix: Number(prefix) };
};

const nonMatch = (text: string, parse: (text: string) => object): GrammarProblem => {
  const problem = parse(text);
  expect(problem).toBeInstanceOf(GrammarProblem);
  return problem as GrammarProblem;
};

describe('the grammar of routes', () => {
  it.each<[string, RouteSpecification, string]>([
    ['default via 203.0.113.1', { destination: 'default', gateway: '203.0.113.1' }, 'default via 203.0.113.1'],
    ['0.0.0.0/0 dev eth0', { destination: 'default', link: 'eth0' }, 'default dev eth0'],
    [
      'blackhole 198.51.100.0/24',
      { type: 'blackhole', destination: cidr('198.51.100.0/24') },
      'blackhole 198.51.100.0/24',
    ],
    ['unicast 10.0.0.1', { type: 'unicast', destination: cidr('10.0.0.1/32') }, 'unicast 10.0.0.1/32'],
    [
      'via 10.1.40.254   metric 0x32\t192.0.2.0/24',
      { destination: cidr('192.0.2.0/24'), gateway: '10.1.40.254', metric: 50 },
      '192.0.2.0/24 via 10.1.40.254 metric 50',
    ],
    [
      '10.0.0.0/8 dev vn-100-42 src 10.1.1.1 proto static scope link onlink mtu 1400',
      {
        destination: cidr('10.0.0.0/8'),
        link: 'vn-100-42',
        source: '10.1.1.1',
        protocol: 'static',
        scope: 'link',
        onlink: true,
        mtu: 1400,
      },
      '10.0.0.0/8 dev vn-100-42 src 10.1.1.1 proto static scope link onlink mtu 1400',
    ],
    ['default dev a metric 0', { destination: 'default', link: 'a' }, 'default dev a'],
    [
      'default proto 4 scope 253',
      { destination: 'default', protocol: 'static', scope: 'link' },
      'default proto static scope link',
    ],
    ['default proto 77', { destination: 'default', protocol: 77 }, 'default proto 77'],
  ])('%s', (text, value, spelling) => {
    expect(parseRoute(text)).toEqual(value);
    expect(formatRoute(value)).toBe(spelling);
  });

  it.each([
    ['', undefined, /no destination/],
    ['via 1.2.3.4', undefined, /no destination/],
    ['default table 100', 'table', /not understood/],
    ['default via', 'via', /not followed by an IPv4 address/],
    ['default via 1.2.3', '1.2.3', /is not an IPv4 address/],
    ['default via 01.2.3.4', '01.2.3.4', /is not an IPv4 address/],
    ['default via 2001:db8::1', '2001:db8::1', /is not an IPv4 address/],
    ['2001:db8::/32 dev a', '2001:db8::/32', /not understood/],
    ['default default', 'default', /not understood/],
    ['default via 1.2.3.4 via 1.2.3.5', 'via', /twice/],
    ['default onlink onlink', 'onlink', /twice/],
    ['default metric 010', '010', /is not a number/],
    ['default metric 4294967296', '4294967296', /is not a number/],
    ['default metric -1', '-1', /is not a number/],
    ['default proto bird', 'bird', /static, boot, kernel/],
    ['default proto 256', '256', /static, boot, kernel/],
    ['default scope nearby', 'nearby', /global, site, link or host/],
    ['default dev a/b', 'a/b', /link's name/],
    ['default dev 1234567890123456', '1234567890123456', /link's name/],
    ['local 10.0.0.1', 'local', /not understood/],
    ['10.0.0.0/33', '10.0.0.0/33', /not understood/],
    ['default nexthop via 1.2.3.4', 'nexthop', /not understood/],
    ['constructor', 'constructor', /not understood/],
    ['__proto__ default', '__proto__', /not understood/],
  ])('refuses %j', (text, word, reason) => {
    const problem = nonMatch(text, parseRoute);
    expect(problem.word).toBe(word);
    expect(problem.reason).toMatch(reason);
  });

  it.each(injections)('refuses %j', (text) => void nonMatch(text, parseRoute));

  it('reads what it writes', () => {
    fc.assert(
      fc.property(anyRoute, (route) => {
        expect(parseRoute(formatRoute(route))).toEqual(route);
      }),
    );
  });

  it('reads its words in any order', () => {
    fc.assert(
      fc.property(anyRoute, fc.nat(), (route, seed) => {
        const groups = formatRoute(route).match(/(?:via|dev|src|metric|proto|scope|mtu) \S+|\S+/g) ?? [];
        // The kind of route stands before its destination, both without a keyword.
        const shuffled = groups
          .map((group, index) => ({ group, order: (seed * (index + 7)) % 11 }))
          .sort((a, b) => a.order - b.order);
        expect(parseRoute(shuffled.map(({ group }) => group).join(' '))).toEqual(route);
      }),
    );
  });
});

describe('the grammar of rules', () => {
  it.each<[string, RuleSpecification, string]>([
    [
      'from 10.1.40.0/25 priority 1000',
      { from: cidr('10.1.40.0/25'), priority: 1000 },
      'priority 1000 from 10.1.40.0/25',
    ],
    ['to 198.51.100.7', { to: cidr('198.51.100.7/32') }, 'to 198.51.100.7/32'],
    [
      'from all to all pref 0',
      { from: cidr('0.0.0.0/0'), to: cidr('0.0.0.0/0'), priority: 0 },
      'priority 0 from all to all',
    ],
    ['from 10.0.0.7/8', { from: cidr('10.0.0.0/8') }, 'from 10.0.0.0/8'],
    ['fwmark 0x10/0xff order 900', { mark: { value: 16, mask: 255 }, priority: 900 }, 'priority 900 fwmark 0x10/0xff'],
    ['fwmark 16', { mark: { value: 16, mask: 0xffffffff } }, 'fwmark 0x10'],
    ['fwmark 0/1', { mark: { value: 0, mask: 1 } }, 'fwmark 0/0x1'],
    [
      'not from 10.1.40.0/24 to 192.0.2.0/24 ipproto tcp dport 443 pref 1100',
      {
        not: true,
        from: cidr('10.1.40.0/24'),
        to: cidr('192.0.2.0/24'),
        protocol: 6,
        destinationPorts: { first: 443, last: 443 },
        priority: 1100,
      },
      'priority 1100 not from 10.1.40.0/24 to 192.0.2.0/24 ipproto tcp dport 443',
    ],
    [
      'iif vn-100-42 oif vpn-200-42 ipproto 0x11 sport 5000-5010',
      { inputLink: 'vn-100-42', outputLink: 'vpn-200-42', protocol: 17, sourcePorts: { first: 5000, last: 5010 } },
      'iif vn-100-42 oif vpn-200-42 ipproto udp sport 5000-5010',
    ],
    ['ipproto 77', { protocol: 77 }, 'ipproto 77'],
  ])('%s', (text, value, spelling) => {
    expect(parseRule(text)).toEqual(value);
    expect(formatRule(value)).toBe(spelling);
  });

  it.each([
    ['', undefined, /empty/],
    ['   ', undefined, /empty/],
    ['from $(hostname)', '$(hostname)', /IPv4 prefix/],
    ['from 10.0.0.0/8 table 100', 'table', /not understood/],
    ['from 10.0.0.0/8 lookup 100', 'lookup', /not understood/],
    ['from 10.0.0.0/8 blackhole', 'blackhole', /not understood/],
    ['from 10.0.0.0/8 from 10.0.0.0/9', 'from', /twice/],
    ['priority 1 pref 2', 'pref', /twice/],
    ['fwmark 5/0', '5/0', /mask that is not 0/],
    ['fwmark 1/2/3', '1/2/3', /number\/mask/],
    ['ipproto 0', '0', /protocol/],
    ['ipproto 256', '256', /protocol/],
    ['sport 0', '0', /port/],
    ['sport 5:6', '5:6', /port/],
    ['dport 10-9', '10-9', /port/],
    ['from', 'from', /not followed/],
    ['uidrange 0-5', 'uidrange', /not understood/],
    ['10.0.0.0/8', '10.0.0.0/8', /not understood/],
  ])('refuses %j', (text, word, reason) => {
    const problem = nonMatch(text, parseRule);
    expect(problem.word).toBe(word);
    expect(problem.reason).toMatch(reason);
  });

  it.each(injections)('refuses %j', (text) => void nonMatch(text.replace('default', 'from all'), parseRule));

  it('reads what it writes', () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        if (Object.keys(rule).length > 0) expect(parseRule(formatRule(rule))).toEqual(rule);
      }),
    );
  });
});

describe('policy routing', () => {
  const route = (text: string) => parseRoute(text) as RouteSpecification;
  const rule = (text: string) => parseRule(text) as RuleSpecification;

  it('reads its own text, in its order', () => {
    const anyTable = fc.integer({ min: 1, max: 0xffffffff });
    fc.assert(
      fc.property(
        fc.array(fc.record({ table: anyTable, route: anyRoute }), { maxLength: 6 }),
        fc.array(fc.record({ table: anyTable, rule: anyRule, priority: fc.nat() }), { maxLength: 6 }),
        (routes, rules) => {
          let routing = new PolicyRouting([], []);
          for (const one of routes) routing = routing.withRoute(one);
          for (const { table, rule: value, priority } of rules)
            routing = routing.withRule({ table, rule: { ...value, priority } });
          const read = parsePolicyRouting(routing.text);
          expect(read.damaged).toBe(0);
          expect(read.routing.text).toBe(routing.text);
        },
      ),
    );
  });

  it('skips lines that cannot be read, and only these', () => {
    const good = 'route table 100 blackhole 198.51.100.0/24\nrule table 100 priority 999 to 198.51.100.0/24\n';
    const { routing, damaged } = parsePolicyRouting(
      `# comment\n${good}route table 0 default\nroute table 1 x; reboot\nnonsense\n`,
    );
    expect(routing.text).toBe(good);
    expect(damaged).toBe(3);
  });

  it('puts a route in the place of the one with its table, destination and metric', () => {
    const one = new PolicyRouting([], [])
      .withRoute({ table: 1, route: route('default via 10.0.0.1') })
      .withRoute({ table: 1, route: route('default via 10.0.0.2 metric 5') })
      .withRoute({ table: 2, route: route('default via 10.0.0.3') })
      .withRoute({ table: 1, route: route('blackhole default') });
    expect(one.text.split('\n').slice(0, -1)).toEqual([
      'route table 1 blackhole default',
      'route table 1 default via 10.0.0.2 metric 5',
      'route table 2 default via 10.0.0.3',
    ]);
    expect(one.withoutRoute({ table: 1, route: route('default') }).routes).toHaveLength(2);
  });

  it('knows a rule once, however it is spelled', () => {
    const one = new PolicyRouting([], []).withRule({ table: 1, rule: rule('from all to 10.0.0.0/8 pref 5') });
    expect(one.withRule({ table: 1, rule: rule('to 10.0.0.9/8 priority 5') })).toBe(one);
    expect(one.withRule({ table: 2, rule: rule('to 10.0.0.0/8 priority 5') }).rules).toHaveLength(2);
    expect(one.withoutRule({ table: 1, rule: rule('to 10.0.0.0/8 priority 5') }).text).toBe('');
  });
});

const anyNumber = fc.integer({ min: 0, max: 0xffffffff });
const anyPrefix = fc
  .record({ address: anyHostAddress, prefix: fc.integer({ min: 1, max: 32 }) })
  .map((value) => networkOf(value));
const anyLink = fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/);

const anyRoute: fc.Arbitrary<RouteSpecification> = fc.record(
  {
    destination: fc.oneof(fc.constant('default' as const), anyPrefix),
    type: fc.constantFrom('unicast', 'blackhole', 'unreachable', 'prohibit'),
    gateway: anyHostAddress,
    link: anyLink,
    source: anyHostAddress,
    metric: anyNumber.filter((metric) => metric > 0),
    protocol: fc.constantFrom('kernel' as const, 'boot' as const, 'static' as const, 0, 5, 255),
    scope: fc.constantFrom('global', 'site', 'link', 'host', 'nowhere'),
    onlink: fc.constant(true),
    mtu: anyNumber,
  },
  { requiredKeys: ['destination'] },
);

const anyRule: fc.Arbitrary<RuleSpecification> = fc.record(
  {
    not: fc.constant(true),
    from: fc.oneof(anyPrefix, fc.constant(cidr('0.0.0.0/0'))),
    to: anyPrefix,
    inputLink: anyLink,
    outputLink: anyLink,
    mark: fc.record({ value: anyNumber, mask: anyNumber.filter((mask) => mask > 0) }),
    priority: anyNumber,
    protocol: fc.integer({ min: 1, max: 255 }),
    sourcePorts: anyPortRange,
    destinationPorts: anyPortRange,
  },
  { requiredKeys: [] },
);
