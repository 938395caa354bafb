/** Lists of rules as large clouds have them, in the mix of test/fixtures/calls/firewall-large.gen1.json. */
import { formatAddress, parseAddress } from '../../../src/model/address.js';
import { type AclEntry, acl, type FirewallMatching, type FirewallRule, ingress } from '../../../test/system/rules.js';
import { Random, type Weights } from './random.js';

/** Of the rules with ports, by protocol: single ports and ranges. */
const kinds: Weights<readonly [protocol: string, kind: 'port' | 'range' | 'icmp']> = [
  [487, ['tcp', 'port']],
  [165, ['tcp', 'range']],
  [171, ['udp', 'port']],
  [66, ['udp', 'range']],
  [111, ['icmp', 'icmp']],
];
const knownPorts = [
  22, 25, 53, 80, 110, 143, 443, 465, 587, 993, 1194, 3306, 3389, 5432, 6379, 8080, 8443, 9000,
] as const;
/** How many ports follow the first one of a range. */
const widths: Weights<number> = [
  [29, 1],
  [29, 3],
  [29, 9],
  [29, 10],
  [29, 99],
  [29, 100],
  [29, 1000],
  [29, 5000],
  [7, 65_534],
];
const icmpKinds: Weights<readonly [type: number, code: number]> = [
  [13, [-1, -1]],
  [23, [0, 0]],
  [19, [3, -1]],
  [15, [3, 4]],
  [10, [8, -1]],
  [15, [8, 0]],
  [16, [11, 0]],
];
const sourceCounts: Weights<number> = [
  [716, 1],
  [175, 2],
  [72, 3],
  [37, 5],
];
/** Networks of one length within another; none contains an address the packets of the benchmark come from. */
const networks: Weights<readonly [within: string, length: number, own: number]> = [
  [30, ['0.0.0.0', 0, 0]],
  [30, ['10.0.0.0', 8, 8]],
  [30, ['100.64.0.0', 10, 10]],
  [143, ['10.0.0.0', 8, 16]],
  [132, ['100.64.0.0', 10, 20]],
  [227, ['172.16.0.0', 12, 24]],
  [227, ['198.18.0.0', 15, 24]],
  [127, ['203.0.112.0', 23, 27]],
  [120, ['192.168.0.0', 16, 28]],
  [127, ['198.18.0.0', 15, 30]],
  [135, ['198.18.0.0', 15, 32]],
  [135, ['100.64.0.0', 10, 32]],
];

/** Ports that no rule from anywhere may open. */
export interface Reserved {
  readonly first: number;
  readonly last: number;
}

export interface ListSettings {
  readonly seed: number;
  readonly count: number;
  readonly publicIps: readonly [string, ...string[]];
  readonly reserved?: Reserved;
}

export function firewallList({ seed, count, publicIps, reserved }: ListSettings): FirewallRule[] {
  const random = new Random(seed);
  const rules: FirewallRule[] = [];
  while (rules.length < count) {
    const { protocol, matching } = match(random);
    if (reserved !== undefined && opens(matching, reserved)) continue;
    rules.push(ingress(random.pick(publicIps), protocol, { ...matching, id: 10_001 + rules.length }));
  }
  return rules;
}

export function aclList({ seed, count }: Pick<ListSettings, 'seed' | 'count'>): AclEntry[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => {
    const { protocol, matching } = match(random);
    const action = random.weighted([
      [3, 'allow'],
      [1, 'deny'],
    ]);
    const { from = [], ...rest } = matching;
    return acl(index + 1, action, random.pick(['ingress', 'egress']), protocol, { ...rest, cidrs: from });
  });
}

/** The same list with another rule in the middle. */
export function withOneChanged<Rule>(rules: readonly Rule[], other: readonly Rule[]): Rule[] {
  const middle = rules.length >> 1;
  return rules.map((rule, index) => (index === middle ? (other[index] ?? rule) : rule));
}

function match(random: Random): { readonly protocol: string; readonly matching: FirewallMatching } {
  const [protocol, kind] = random.weighted(kinds);
  const from = Array.from({ length: random.weighted(sourceCounts) }, () => network(random));
  switch (kind) {
    case 'port': {
      // Half of them are well-known ports.
      const ports = random.below(2) === 0 ? random.pick(knownPorts) : 1 + random.below(65_535);
      return { protocol, matching: { ports, from } };
    }
    case 'range': {
      const width = random.weighted(widths);
      const first = 1 + random.below(65_535 - width);
      return { protocol, matching: { ports: [first, first + width], from } };
    }
    case 'icmp':
      return { protocol, matching: { icmp: random.weighted(icmpKinds), from } };
  }
}

function network(random: Random): string {
  const [within, length, own] = random.weighted(networks);
  const place = random.below(2 ** (own - length)) * 2 ** (32 - own);
  return `${formatAddress((parseAddress(within) ?? 0) + place)}/${own}`;
}

function opens({ ports, from = [] }: FirewallMatching, reserved: Reserved): boolean {
  if (ports === undefined || !from.includes('0.0.0.0/0')) return false;
  const [first, last] = typeof ports === 'number' ? [ports, ports] : ports;
  return first <= reserved.last && last >= reserved.first;
}
