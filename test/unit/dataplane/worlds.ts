/** Random networks with rules, and flows near what the rules are about. */

import fc from 'fast-check';
import type { Command, NetworkTarget } from '../../../src/contract/command.js';
import {
  addForward,
  addStaticNat,
  applyAcl,
  applyFirewall,
  assign,
  implement,
  implementTier,
  implementVpc,
  ipv6Side,
  target,
  tierTarget,
} from '../commands/builders.js';
import {
  aclOf,
  anySentAcl,
  anySentFirewall,
  firewallOf,
  remoteCidrs,
  type SentAclRule,
  type SentFirewall,
  type SentFirewallRule,
} from '../model/sent-rules.js';
import { type Flow, isIn, type World, type WorldForward, type WorldNetwork } from './policy-oracle.js';

/** A world, the commands that make it, and places for flows. */
export interface Situation {
  readonly world: World;
  /** The networks themselves. */
  readonly foundation: readonly Command[];
  /** Everything else, in the order it came. */
  readonly commands: readonly Command[];
  readonly flows: readonly Flow[];
  /** Over IPv6. */
  readonly ipv6Flows: readonly Flow[];
}

const publicIps = ['203.0.113.10', '203.0.113.11', '203.0.113.12', '203.0.113.13'] as const;

/** What happens after the networks are there; each returns what is known of the world then. */
interface Event {
  readonly command: Command;
  readonly becomes: (world: Mutable) => void;
}

interface Mutable {
  readonly networks: Map<string, WorldNetwork>;
  readonly addresses: Map<string, string | undefined>;
  readonly staticNats: Map<string, string>;
  readonly forwards: WorldForward[];
}

interface Setting {
  readonly isVpc: boolean;
  readonly networks: readonly { readonly target: NetworkTarget; readonly prefix: string; readonly ipv6: string }[];
  readonly foundation: readonly Command[];
}

const isolatedSetting: Setting = {
  isVpc: false,
  networks: [{ target: target(), prefix: '10.1.1', ipv6: '2001:db8:a' }],
  foundation: [implement({ ipv6: ipv6Side('2001:db8:a') })],
};
const vpcSetting = (...before: Command[]): Setting => ({
  isVpc: true,
  networks: [1, 2, 3].map((number) => ({
    target: tierTarget(number),
    prefix: `10.9.${number}`,
    ipv6: `2001:db8:b${number}`,
  })),
  foundation: [
    ...before,
    ...[1, 2, 3].map((number) => implementTier(number, { ipv6: ipv6Side(`2001:db8:b${number}`) })),
  ],
});

function eventsOf({ target: where, prefix, ipv6 }: Setting['networks'][number], isVpc: boolean): fc.Arbitrary<Event> {
  const id = where.networkId;
  const ip = fc.constantFrom(...publicIps);
  const guest = fc.constantFrom(10, 11, 12).map((last) => `${prefix}.${last}`);
  const update = (world: Mutable, changed: Partial<WorldNetwork>) => {
    const network = world.networks.get(id);
    if (network !== undefined) world.networks.set(id, { ...network, ...changed });
  };
  return fc.oneof(
    {
      weight: 3,
      arbitrary: ip.map((publicIp) => ({
        command: assign(publicIp, { target: where }),
        becomes: (world: Mutable) => world.addresses.set(publicIp, id),
      })),
    },
    {
      weight: 4,
      arbitrary: anySentFirewall(publicIps, [
        `${prefix}.0/24`,
        `${prefix}.10/32`,
        `${prefix}.8/29`,
        `${ipv6}::/64`,
        `${ipv6}::10`,
      ]).map((firewall) => ({
        command: applyFirewall(firewallOf(firewall), where),
        becomes: (world: Mutable) => update(world, { firewall }),
      })),
    },
    {
      weight: isVpc ? 4 : 0,
      arbitrary: anySentAcl.map((acl) => ({
        command: applyAcl(aclOf(acl), where),
        becomes: (world: Mutable) => update(world, { acl }),
      })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(ip, guest).map(([publicIp, privateIp]) => ({
        command: addStaticNat(publicIp, privateIp, { target: where }),
        becomes: (world: Mutable) => world.staticNats.set(publicIp, privateIp),
      })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(ip, guest, fc.constantFrom(6, 17), fc.constantFrom(22, 80, 443), fc.constantFrom(22, 81, 443))
        .map(([publicIp, privateIp, protocol, port, privatePort]) => ({
          command: addForward(`${protocol === 6 ? 'tcp' : 'udp'} ${publicIp}:${port}`, `${privateIp}:${privatePort}`, {
            target: where,
          }),
          becomes: ({ forwards }: Mutable) => {
            const same = forwards.findIndex(
              (one) => one.publicIp === publicIp && one.protocol === protocol && one.first === port,
            );
            if (same !== -1) forwards.splice(same, 1);
            forwards.push({
              publicIp,
              protocol: protocol === 6 ? 6 : 17,
              first: port,
              last: port,
              privateIp,
              privateFirst: privatePort,
            });
          },
        })),
    },
  );
}

function worldAfter({ isVpc, networks }: Setting, own: readonly string[], events: readonly Event[]): World {
  const world: Mutable = {
    networks: new Map(
      networks.map(({ target: { networkId: id }, prefix, ipv6 }) => [
        id,
        { id, cidr: `${prefix}.0/24`, gateway: `${prefix}.1`, ipv6 },
      ]),
    ),
    addresses: new Map(own.map((address) => [address, undefined])),
    staticNats: new Map(),
    forwards: [],
  };
  for (const { becomes } of events) becomes(world);
  return { isVpc, ...world, networks: [...world.networks.values()] };
}

/** Numbers that choose a flow: which of the things that are of interest each part of it is. */
const choices = fc.record({
  rule: fc.nat(99),
  sender: fc.nat(9),
  source: fc.nat(99),
  destination: fc.nat(99),
  protocol: fc.nat(29),
  port: fc.nat(99),
  type: fc.nat(29),
  code: fc.nat(29),
});
type Choices = typeof choices extends fc.Arbitrary<infer T> ? T : never;

const numberOf = (address: string) => address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
const addressOf = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');

const pick = <T>(list: readonly T[], index: number): T | undefined => list[index % list.length];

/** The first and the last address of a network, and those beside them. */
function around(cidr: string): string[] {
  const [network = '', length = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(numberOf(network) / size) * size;
  return [first, first + size - 1, first - 1, first + size]
    .filter((value) => value >= 0x01000000 && value < 0xe0000000)
    .map(addressOf);
}

const outside = [...new Set(remoteCidrs.filter((cidr) => !cidr.includes(':')).flatMap(around))];
const protocolNumbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, gre: 47, esp: 50, sctp: 132 };

type AnyRule = SentFirewallRule | SentAclRule;

/** Near one of the rules, so that what decides is the part that is just inside or just outside of it. */
function flowOf(world: World, chosen: Choices): Flow | undefined {
  const { networks, addresses } = world;
  const rules = networks.flatMap<AnyRule>(({ firewall, acl }) => [...(firewall?.rules ?? []), ...(acl ?? [])]);
  const rule = pick(rules, chosen.rule);
  const cidrs = (list: readonly string[] | null | undefined) =>
    (list ?? []).filter((cidr) => !cidr.includes(':')).flatMap(around);

  const sender = pick([undefined, ...networks], chosen.sender);
  const guests = (network: WorldNetwork | undefined) =>
    network === undefined ? [] : [10, 11, 12, 7, 16].map((last) => network.cidr.replace(/0\/24$/, String(last)));
  const isGuest = (address: string) => networks.some(({ cidr }) => isIn(cidr, address));
  const isOther = (address: string) => !isGuest(address) && !addresses.has(address);
  const source =
    sender === undefined
      ? pick(
          [...cidrs(rule?.sourceCidrs).filter(isOther), pick(outside.filter(isOther), chosen.source) ?? ''],
          chosen.source,
        )
      : pick(guests(sender), chosen.source);
  const named = rule !== undefined && 'publicIp' in rule ? rule.publicIp : undefined;
  const remote = rule !== undefined && 'destCidrs' in rule ? cidrs(rule.destCidrs) : cidrs(rule?.sourceCidrs);
  // What is forwarded has another port behind the translation, and rules of both sides are about it.
  const aimed = chosen.rule % 4 === 0 ? pick(world.forwards, chosen.destination) : undefined;
  const destination = pick(
    [
      ...(named === null || named === undefined ? [] : [named, named]),
      ...publicIps,
      ...networks.flatMap((network) => guests(network).slice(0, 2)),
      ...(sender === undefined ? [] : remote),
      pick(outside, chosen.destination) ?? '',
      networks[0]?.gateway ?? '',
    ],
    chosen.destination,
  );
  if (source === undefined || destination === undefined || source === destination) return undefined;

  if (aimed !== undefined) {
    const { publicIp, protocol, first: port } = aimed;
    return { sender: sender?.id, source, destination: publicIp, protocol, port, start: [8, 0] };
  }
  return transportOf(rule, chosen, { sender: sender?.id, source, destination });
}

/** Those that lists name, and those beside them. */
const ipv6Outside = [
  '2001:db8:f::9',
  '2001:db8:f:1::9',
  '2001:db8:f:7fff:ffff::1',
  '2001:db8:f:8000::',
  '2001:db8:10::1',
  '2001:db7:ffff::1',
  '2600::1',
];

function ipv6FlowOf(world: World, chosen: Choices): Flow | undefined {
  const { networks } = world;
  const rules = networks.flatMap<AnyRule>(({ firewall, acl }) => [...(firewall?.rules ?? []), ...(acl ?? [])]);
  const sender = pick([undefined, ...networks], chosen.sender);
  const guests = (network: WorldNetwork) =>
    [':10', ':11', '0:ffff:ffff:ffff:ffff'].map((own) => `${network.ipv6}:${own}`);
  const source = pick(sender === undefined ? ipv6Outside : guests(sender), chosen.source);
  const others = networks.filter((network) => network !== sender);
  const destination = pick(
    [...others.flatMap(guests), ...(sender === undefined ? [] : ipv6Outside), `${networks[0]?.ipv6}::1`],
    chosen.destination,
  );
  if (source === undefined || destination === undefined) return undefined;
  return transportOf(pick(rules, chosen.rule), chosen, { sender: sender?.id, source, destination });
}

/** Of a packet from here to there: what is in it, near what a rule asks. */
function transportOf(
  rule: AnyRule | undefined,
  chosen: Choices,
  places: Pick<Flow, 'sender' | 'source' | 'destination'>,
): Flow {
  const isIpv6 = places.source.includes(':');
  const name = rule?.protocol.toLowerCase() ?? 'tcp';
  const own = protocolNumbers[name] ?? Number(name);
  const drawn = pick([own || 6, own || 17, own || 1, own || 47, 6, 17, 1, 47, 132, 2], chosen.protocol) ?? 6;
  const protocol = isIpv6 && drawn === 1 ? 58 : drawn;
  const near = (value: number | null | undefined) => [value ?? 8, value ?? 0, (value ?? 0) + 1].map((one) => one & 255);
  const type = pick([...near(rule?.icmpType), ...(isIpv6 ? [128, 129, 1] : [0, 3, 8])], chosen.type) ?? 8;
  const code = pick([...near(rule?.icmpCode), 0, 1], chosen.code) ?? 0;
  // Where ICMP has its type and code others have something else: to rules that forget to ask for ICMP it looks the same.
  const flow = { ...places, protocol, start: [type, code] } as const;
  if (protocol === 1 || protocol === 58) return { ...flow, icmp: { type, code } };
  if (![6, 17, 132].includes(protocol)) return flow;
  const [first, last] = [rule?.portStart ?? rule?.portEnd ?? 80, rule?.portEnd ?? rule?.portStart ?? 80];
  const ports = [first, last, first - 1, last + 1, Math.floor((first + last) / 2), 22, 80, 443, 8080];
  const port =
    pick(
      ports.filter((one) => one >= 1 && one <= 65535),
      chosen.port,
    ) ?? 80;
  return { ...flow, port };
}

/** The VPC's own address. */
const vpcAddress = '203.0.113.13';

export const anySituation: fc.Arbitrary<Situation> = fc
  .constantFrom(
    { setting: isolatedSetting, own: [] },
    { setting: vpcSetting(), own: [] },
    { setting: vpcSetting(implementVpc(vpcAddress)), own: [vpcAddress] },
  )
  .chain(({ setting, own }) =>
    fc
      .tuple(
        fc.array(fc.oneof(...setting.networks.map((network) => eventsOf(network, setting.isVpc))), {
          minLength: 1,
          maxLength: 10,
        }),
        fc.array(choices, { minLength: 40, maxLength: 40 }),
      )
      .map(([events, chosen]) => {
        const world = worldAfter(setting, own, events);
        return {
          world,
          foundation: setting.foundation,
          commands: events.map(({ command }) => command),
          flows: chosen.map((one) => flowOf(world, one)).filter((flow) => flow !== undefined),
          ipv6Flows: chosen.map((one) => ipv6FlowOf(world, one)).filter((flow) => flow !== undefined),
        };
      }),
  );

/** Flows near the rules of a list of an isolated network that has all addresses. */
export function flowsNear(firewall: SentFirewall): fc.Arbitrary<readonly Flow[]> {
  const world = worldAfter(isolatedSetting, [...publicIps], []);
  const networks = world.networks.map((network) => ({ ...network, firewall }));
  return fc
    .array(choices, { minLength: 30, maxLength: 30 })
    .map((chosen) => chosen.map((one) => flowOf({ ...world, networks }, one)).filter((flow) => flow !== undefined));
}
