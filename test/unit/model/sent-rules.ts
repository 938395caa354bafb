/** Firewalls and ACLs as CloudStack sends them (CONTRACT §6.1, §6.2), and what they are once decoded. */

import fc from 'fast-check';
import { networksFrom, trafficOf } from '../../../src/contract/rule-fields.js';
import { Acl } from '../../../src/model/acl.js';
import type { Firewall } from '../../../src/model/firewall.js';
import type { Traffic } from '../../../src/model/traffic.js';
import { type EgressRule, firewallWith, type IngressRule } from './firewall-rules.js';

type Optional<T> = T | null | undefined;

export interface SentRule {
  readonly protocol: string;
  readonly portStart?: Optional<number>;
  readonly portEnd?: Optional<number>;
  readonly icmpType?: Optional<number>;
  readonly icmpCode?: Optional<number>;
  readonly sourceCidrs?: Optional<readonly string[]>;
}

export interface SentFirewallRule extends SentRule {
  readonly id: number;
  readonly type: string;
  readonly publicIp?: Optional<string>;
  readonly destCidrs?: Optional<readonly string[]>;
}

export interface SentFirewall {
  readonly default_egress_allow: boolean;
  readonly cidr: string;
  readonly rules: readonly SentFirewallRule[];
}

export interface SentAclRule extends SentRule {
  readonly number: number;
  readonly action: string;
  readonly trafficType: string;
}

function trafficIn({ protocol, portStart, portEnd, icmpType, icmpCode }: SentRule): Traffic {
  return trafficOf(protocol, portStart, portEnd, icmpType, icmpCode);
}

/** What a command carries. Where the decoder itself is tested, the text goes through `decode`. */
export function firewallOf({ default_egress_allow: allow, rules }: SentFirewall): Firewall {
  const ingress: IngressRule[] = [];
  const egress: EgressRule[] = [];
  for (const rule of rules) {
    const traffic = trafficIn(rule);
    const sources = networksFrom('sourceCidrs', rule.sourceCidrs);
    if (rule.type.toLowerCase() === 'ingress') ingress.push({ publicIp: rule.publicIp ?? '', traffic, sources });
    else egress.push({ traffic, sources, destinations: networksFrom('destCidrs', rule.destCidrs) });
  }
  return firewallWith(allow, ingress, egress);
}

export function aclOf(rules: readonly SentAclRule[]): Acl {
  return new Acl(
    rules.map((rule) => ({
      number: rule.number,
      action: rule.action.toLowerCase() === 'allow' ? 'allow' : 'deny',
      direction: rule.trafficType.toLowerCase() === 'ingress' ? 'ingress' : 'egress',
      traffic: trafficIn(rule),
      remotes: networksFrom('sourceCidrs', rule.sourceCidrs),
    })),
  );
}

/** How a CIDR list means "from anywhere". */
const anywhere = fc.constantFrom<Optional<readonly string[]>>([], null, undefined);

/** Networks that hold, overlap and touch each other, some with host bits, and IPv6. */
export const remoteCidrs: readonly string[] = [
  '0.0.0.0/0',
  '128.0.0.0/1',
  '198.51.100.0/24',
  '198.51.100.77/24',
  '198.51.100.0/25',
  '198.51.100.64/26',
  '198.51.100.128/25',
  '198.51.100.7/32',
  '198.51.100.8/32',
  '198.51.100.9',
  '192.0.2.0/28',
  '10.9.1.0/24',
  '10.9.2.0/24',
  '10.9.2.10/32',
  '::/0',
  '2001:DB8::/32',
  '2001:db8:f::/48',
  '2001:db8:f::77/64',
  '2001:db8:f:8000::/49',
  '2001:db8:b2::/64',
  '2001:db8:b2::10',
];

const ipv6Only = ['::/0', '2001:db8::1'] as const;

function cidrsFrom(pool: readonly string[]): fc.Arbitrary<Optional<readonly string[]>> {
  return fc.oneof(
    { weight: 3, arbitrary: anywhere },
    { weight: 4, arbitrary: fc.constantFrom(...pool).map((one) => [one]) },
    { weight: 3, arbitrary: fc.array(fc.constantFrom(...pool), { minLength: 2, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.subarray([...ipv6Only], { minLength: 1 }) },
  );
}

type SentTraffic = Omit<SentRule, 'sourceCidrs'>;

const withPorts = fc.constantFrom('tcp', 'tcp', 'TCP', '6', 'udp', '17', 'sctp');

/** One port: the form most rules have. */
const onePort: fc.Arbitrary<SentTraffic> = fc.record({
  protocol: withPorts,
  portStart: fc.constantFrom(1, 2, 22, 80, 81, 443, 65535),
  portEnd: fc.constantFrom<Optional<number>>(null, undefined),
});

/** Ranges near each other: nested, overlapping, touching. */
const portRange: fc.Arbitrary<SentTraffic> = fc
  .record({ protocol: withPorts, first: fc.integer({ min: 0, max: 40 }), count: fc.integer({ min: 1, max: 12 }) })
  .map(({ protocol, first, count }) => ({ protocol, portStart: first, portEnd: Math.max(1, first + count - 1) }));

const widePorts: fc.Arbitrary<SentTraffic> = fc.record({
  protocol: withPorts,
  portStart: fc.constantFrom<Optional<number>>(-1, null, 0, 1, 1024),
  portEnd: fc.constantFrom<Optional<number>>(65535, 65534),
});

const icmp: fc.Arbitrary<SentTraffic> = fc.oneof(
  fc.record({
    protocol: fc.constantFrom('icmp', 'ICMP', '1'),
    icmpType: fc.constantFrom(0, 3, 8, 255),
    icmpCode: fc.constantFrom<Optional<number>>(-1, null, 0, 1, 255),
  }),
  fc.constantFrom<SentTraffic>({ protocol: 'icmp', icmpType: -1, icmpCode: -1 }, { protocol: '1' }),
);

const bareProtocol: fc.Arbitrary<SentTraffic> = fc.record({
  protocol: fc.constantFrom('gre', '47', 'esp', '112', 'tcp', 'udp', 'icmp', '254'),
  portStart: fc.constantFrom<Optional<number>>(-1, null, undefined),
  portEnd: fc.constantFrom<Optional<number>>(-1, null, undefined),
});

const everything: fc.Arbitrary<SentTraffic> = fc.constantFrom(
  { protocol: 'all' },
  { protocol: 'ALL' },
  { protocol: '0' },
);

const anyTraffic: fc.Arbitrary<SentTraffic> = fc.oneof(
  { weight: 6, arbitrary: onePort },
  { weight: 5, arbitrary: portRange },
  { weight: 1, arbitrary: widePorts },
  { weight: 4, arbitrary: icmp },
  { weight: 3, arbitrary: bareProtocol },
  { weight: 1, arbitrary: everything },
);

/** Lists from nothing to many; often of rules that look alike, so that they come to lie in sets. */
function listOf<T>(rule: (traffic: fc.Arbitrary<SentTraffic>) => fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.array(rule(anyTraffic), { maxLength: 6 }) },
    { weight: 2, arbitrary: fc.array(rule(anyTraffic), { maxLength: 40 }) },
    { weight: 2, arbitrary: fc.array(rule(portRange), { minLength: 4, maxLength: 25 }) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.array(rule(fc.constantFrom(onePort, icmp, bareProtocol).chain((one) => one)), {
            minLength: 4,
            maxLength: 25,
          }),
          fc.array(rule(anyTraffic), { maxLength: 3 }),
        )
        .map(([alike, others]) => [...alike, ...others]),
    },
  );
}

/** @param guests CIDRs inside the guest network, or others that rules could name as sources of what guests send */
export function anySentFirewall(publicIps: readonly string[], guests: readonly string[]): fc.Arbitrary<SentFirewall> {
  const id = fc.nat(9999);
  return fc.record({
    default_egress_allow: fc.boolean(),
    cidr: fc.constantFrom(guests[0] ?? '', ''),
    rules: listOf((traffic) =>
      fc.oneof(
        {
          weight: 3,
          arbitrary: fc
            .record({
              id,
              type: fc.constantFrom('ingress', 'Ingress'),
              publicIp: fc.constantFrom(...publicIps),
              traffic,
              sourceCidrs: cidrsFrom(remoteCidrs),
            })
            .map(({ traffic: sent, ...others }): SentFirewallRule => ({ ...sent, ...others })),
        },
        {
          weight: 2,
          arbitrary: fc
            .record({
              id,
              type: fc.constantFrom('egress', 'EGRESS'),
              traffic,
              sourceCidrs: cidrsFrom(guests),
              destCidrs: cidrsFrom(remoteCidrs),
            })
            .map(({ traffic: sent, ...others }): SentFirewallRule => ({ ...sent, ...others })),
        },
      ),
    ),
  });
}

const anyMixedAcl: fc.Arbitrary<SentAclRule[]> = listOf((traffic) =>
  fc
    .record({
      number: fc.integer({ min: 1, max: 12 }),
      action: fc.constantFrom('allow', 'deny', 'Allow'),
      trafficType: fc.constantFrom('ingress', 'egress', 'Egress'),
      traffic,
      sourceCidrs: cidrsFrom(remoteCidrs),
    })
    .map(({ traffic: sent, ...others }): SentAclRule => ({ ...sent, ...others })),
);

/** Long runs of one action, one behind the other, of rules that look alike: exceptions before the rule and behind it. */
const anyAclInRuns: fc.Arbitrary<SentAclRule[]> = fc
  .tuple(
    fc.constantFrom('ingress', 'egress'),
    fc.constantFrom(['allow', 'deny', 'allow'], ['deny', 'allow', 'deny']),
    fc.constantFrom([], ['198.51.100.0/24'], ['10.9.2.0/24']),
    fc.array(fc.array(fc.oneof(onePort, portRange, icmp), { minLength: 2, maxLength: 6 }), {
      minLength: 3,
      maxLength: 3,
    }),
  )
  .map(([trafficType, actions, sourceCidrs, runs]) =>
    runs.flatMap((run, index) =>
      run.map(
        (traffic): SentAclRule => ({
          ...traffic,
          number: index + 1,
          action: actions[index] ?? 'deny',
          trafficType,
          sourceCidrs,
        }),
      ),
    ),
  );

export const anySentAcl: fc.Arbitrary<SentAclRule[]> = fc.oneof(
  { weight: 2, arbitrary: anyMixedAcl },
  { weight: 1, arbitrary: anyAclInRuns },
);
