import { type BalancerRule, type Call, type Forward, NetworkCalls, type SentRule, VpcCalls } from './calls.js';

/** A call on a host that is in a certain state. */
export interface Scenario {
  readonly name: string;
  /** Calls that were made before. */
  readonly before?: readonly Call[];
  /** The daemon was started anew after them. */
  readonly restarted?: boolean;
  /** Shell commands that damage what they made, or do what somebody else did. */
  readonly damage?: readonly string[];
  readonly call: Call;
  /** Links that were of no use and are deleted on the way; a failure later does not bring them back. */
  readonly lostLinks?: readonly string[];
  /**
   * The rules are not ours, or somebody else has changed them: they are put right even when the call then fails, as this call, which
   * changes nothing else, puts them right.
   */
  readonly rulesPutRightBy?: Call;
  /** The host is the same afterwards, also when nothing fails. */
  readonly changesNothing?: boolean;
}

const net = new NetworkCalls({ id: 42, vlan: 100, prefix: '10.1.1' });
const movedNet = new NetworkCalls({ id: 42, vlan: 101, prefix: '10.1.1' });
const tier = new NetworkCalls({ id: 51, vlan: 100, prefix: '10.9.1', vpc: 9 });
const otherTier = new NetworkCalls({ id: 52, vlan: 101, prefix: '10.9.2', vpc: 9 });

const vpc = new VpcCalls(9);

const [first, second, third] = ['203.0.113.10', '203.0.113.11', '203.0.113.12'] as const;
const guest = '10.1.1.10';
const otherGuest = '10.1.1.11';
const tierGuest = '10.9.1.10';

const ssh: Forward = { publicIp: first, publicPort: '2222', privateIp: guest, privatePort: '22' };
const range: Forward = { publicIp: first, publicPort: '8000-8009', privateIp: guest, privatePort: '8000-8009' };
const shifted: Forward = { publicIp: first, publicPort: '9000-9004', privateIp: guest, privatePort: '7000-7004' };
const dns: Forward = { publicIp: second, publicPort: '53', privateIp: guest, privatePort: '53', protocol: 'udp' };

const bare = [net.implement()];
const sourceNat = net.assign(first, { 'source-nat': 'true' });
const full = [
  ...bare,
  sourceNat,
  net.assign(second),
  net.addStaticNat(second, guest),
  net.addForward(ssh),
  net.addForward(range),
  net.addForward(shifted),
];
const tiers = [
  tier.implement(),
  otherTier.implement(),
  tier.assign(first, { 'source-nat': 'true' }),
  tier.assign(second),
  otherTier.assign(third),
  tier.addStaticNat(second, tierGuest),
  otherTier.addForward({ ...ssh, publicIp: third, privateIp: '10.9.2.10' }),
];

/** Lets in to ports of a public address. */
const open = (publicIp: string, portStart: number, portEnd = portStart, protocol = 'tcp'): SentRule => ({
  id: portStart,
  type: 'ingress',
  publicIp,
  protocol,
  portStart,
  portEnd,
  sourceCidrs: ['0.0.0.0/0'],
});
const from = (sourceCidrs: readonly string[], rule: SentRule): SentRule => ({ ...rule, sourceCidrs });
const send = (protocol: string, destCidrs: readonly string[]): SentRule => ({
  id: 1,
  type: 'egress',
  protocol,
  sourceCidrs: [],
  destCidrs,
});
const few = [open(first, 80), open(second, 2222, 2222, 'udp'), send('tcp', ['198.51.100.0/24'])];
/** More of one form than are rules of their own. */
const many = [
  ...[80, 81, 82, 83, 84].map((port) => open(first, port)),
  ...[100, 200, 300, 400].map((port) => from(['198.51.100.0/24'], open(second, port, port + 50))),
  ...[1, 2, 3, 4, 5].map((last) => send('all', [`192.0.2.${last}`])),
];
/** So many that their file is written while the kernel takes them in, not before. */
const veryMany = [...many, ...Array.from({ length: 600 }, (_, index) => open(first, 10_000 + index))];
const otherMany = [...many.slice(1), open(first, 90), open(second, 2222, 2222, 'udp')];

const list = (number: number, action: string, trafficType: string, rule: SentRule): SentRule => ({
  ...rule,
  number,
  action,
  trafficType,
});
const fewListed = [
  list(10, 'allow', 'ingress', { protocol: 'tcp', portStart: 22, portEnd: 22, sourceCidrs: [] }),
  list(20, 'deny', 'egress', { protocol: 'udp', portStart: 53, portEnd: 53, sourceCidrs: ['192.0.2.0/24'] }),
  list(30, 'allow', 'egress', { protocol: 'all', sourceCidrs: [] }),
];
const manyListed = [
  ...[1, 2, 3, 4, 5].map((port) =>
    list(port, 'allow', 'ingress', { protocol: 'tcp', portStart: port, sourceCidrs: ['198.51.100.0/24'] }),
  ),
  list(6, 'deny', 'ingress', { protocol: 'icmp', icmpType: 8, icmpCode: -1, sourceCidrs: ['0.0.0.0/0'] }),
  ...[7, 8, 9, 10].map((number) =>
    list(number, 'allow', 'ingress', {
      protocol: 'udp',
      portStart: 100 * number,
      portEnd: 100 * number + 9,
      sourceCidrs: [],
    }),
  ),
];
const vpcWithTiers = [vpc.implement(first), ...tiers];
const filteredTiers = [
  ...vpcWithTiers,
  tier.firewall([open(second, 80)]),
  tier.acl(fewListed),
  otherTier.acl(manyListed),
];

/** With policy routing. */
const isp = { id: '100', name: 'isp' };
const routed = [
  ...full,
  net.action('pbr-create-table', isp),
  net.action('pbr-add-route', { table: 'isp', route: 'default via 203.0.113.1' }),
  net.action('pbr-add-rule', { table: 'isp', rule: 'to 192.0.2.0/24' }),
  net.action('pbr-add-rule', { table: 'isp', rule: 'from 10.1.1.0/25 to 192.0.2.0/24 priority 7' }),
];

/** Connections that are being tracked, to a public address and another. */
const flows = (namespace: string, ...addresses: string[]) =>
  addresses.map(
    (address) => `nsenter --net=/run/netns/${namespace} bash -c 'echo x > /dev/udp/${address}/2222' || true`,
  );

const namespaceExec = (namespace: string, command: string) => `nsenter --net=/run/netns/${namespace} ${command}`;
const inside = (command: string) => namespaceExec('cs-net-42', command);

/** The rules as the shell wrapper makes them instead of ours, as far as it matters here. */
const shellRules = [
  'nft delete table ip cloudstack',
  'iptables -t nat -N CS_EXTNET_42_PR',
  'iptables -t nat -A PREROUTING -j CS_EXTNET_42_PR',
  `iptables -t nat -A CS_EXTNET_42_PR -p tcp -d ${first} --dport 2222 -j DNAT --to-destination ${guest}:22`,
  'iptables -t nat -N CS_EXTNET_42_POST',
  'iptables -t nat -A POSTROUTING -j CS_EXTNET_42_POST',
  'iptables -N CS_EXTNET_FWD_42',
  'iptables -A FORWARD -j CS_EXTNET_FWD_42',
].map(inside);

/** The shell wrapper's filters, in the chains it hooks. */
const shellFilters = [
  ...shellRules,
  `iptables -t mangle -N CS_EXTNET_FWI_${first}`,
  `iptables -t mangle -A PREROUTING -d ${first}/32 -j CS_EXTNET_FWI_${first}`,
  `iptables -t mangle -A CS_EXTNET_FWI_${first} -j DROP`,
  'iptables -N CS_EXTNET_FWRULES_42',
  'iptables -A CS_EXTNET_FWRULES_42 -j DROP',
  'iptables -I CS_EXTNET_FWD_42 -i vn-100-42 -j CS_EXTNET_FWRULES_42',
].map((command) => (command.startsWith('nsenter') ? command : inside(command)));

const vmData = { 'userdata/user_data': 'x', 'metadata/instance-id': '1', 'password/vm_password': 'p' };
/** Guests 10 and 11; then the one is another VM, the other is told something else, and 12 has come. */
const restored = { 10: vmData, 11: { ...vmData, 'metadata/instance-id': '11' } };
const restoredOtherwise = {
  10: { 'metadata/instance-id': '10' },
  11: { ...restored[11], 'userdata/user_data': 'y', 'metadata/vm-id': '11' },
  12: { 'metadata/instance-id': '12' },
};
const told = [...bare, net.saveVmData(guest, vmData)];

const web: BalancerRule = { id: 17, publicIp: first, publicPort: 80, guests: [guest, otherGuest] };
const mail: BalancerRule = { id: 18, publicIp: second, publicPort: 25, guests: [guest] };
const balanced = [...bare, sourceNat, net.assign(second), net.balance([web, mail])];
const balancedTiers = [
  ...tiers,
  otherTier.acl(manyListed),
  tier.balance([{ id: 21, publicIp: second, publicPort: 80, guests: [tierGuest] }]),
  otherTier.balance([{ id: 22, publicIp: third, publicPort: 80, guests: ['10.9.2.10'] }]),
];

const dualStack = (prefix: string) => ({
  'network-ip6-gateway': `${prefix}::1`,
  'network-ip6-cidr': `${prefix}::/64`,
});
const dualTiers = [
  tier.implement(dualStack('2001:db8:1')),
  otherTier.implement(dualStack('2001:db8:2')),
  otherTier.acl([...manyListed, list(11, 'allow', 'ingress', { protocol: 'tcp', sourceCidrs: ['2001:db8:1::/64'] })]),
];
const dualRules = [from(['2001:db8:f::/64'], open(first, 22)), from(['::/0'], open(first, 80))];

export const scenarios: readonly Scenario[] = [
  // IPv6
  { name: 'IPv6: a dual-stack network, nothing there', call: net.implement(dualStack('2001:db8:1')) },
  {
    name: 'IPv6: a network gets it',
    before: [...full, net.firewall([...few, ...dualRules])],
    call: net.implement(dualStack('2001:db8:1')),
  },
  {
    name: 'IPv6: another network and another gateway',
    before: [net.implement(dualStack('2001:db8:1'))],
    call: net.implement(dualStack('2001:db8:2')),
  },
  { name: 'IPv6: a tier goes, the other stays', before: dualTiers, call: tier.shutdown() },

  // implement-network, isolated
  { name: 'implement: nothing there', call: net.implement() },
  { name: 'implement: extension address is not the gateway', call: net.implement({ 'extension-ip': '10.1.1.2' }) },
  { name: 'implement: untouched by a repeat', changesNothing: true, before: full, call: net.implement() },
  { name: 'implement: daemon restarted', before: full, restarted: true, call: net.implement() },
  { name: 'implement: without a VLAN', call: new NetworkCalls({ id: 42, vlan: '', prefix: '10.1.1' }).implement() },
  { name: 'implement: after shutdown', before: [...full, net.shutdown()], call: net.implement() },
  {
    name: 'implement: the namespace is gone, the state is not',
    before: full,
    damage: ['ip link delete vh-100-42', 'ip link delete vph-200-42', 'ip netns delete cs-net-42'],
    call: net.implement(),
  },
  {
    // The daemon still holds it: its links are there until that is closed.
    name: 'implement: the namespace has lost its name',
    before: full,
    damage: ['ip netns delete cs-net-42'],
    call: net.implement(),
    lostLinks: ['vh-100-42', 'vph-200-42'],
  },
  {
    name: 'implement: a plain file where the namespace was',
    damage: ['mkdir -p /run/netns', 'touch /run/netns/cs-net-42'],
    call: net.implement(),
  },
  { name: 'implement: a namespace made by hand', damage: ['ip netns add cs-net-42'], call: net.implement() },
  {
    name: 'implement: a namespace made by hand that others use, too',
    damage: [
      'ip netns add cs-net-42',
      inside('nft add table ip other'),
      inside("nft add chain ip other c '{ type filter hook input priority 0; }'"),
      inside('ip link set lo up'),
      inside('sysctl -q -w net.ipv4.ip_forward=1'),
    ],
    call: net.implement(),
  },
  {
    name: 'implement: links down and out of their bridges',
    before: full,
    damage: [
      'ip link set breth1-100 down',
      'ip link set eth1.100 nomaster down',
      'ip link set vh-100-42 nomaster down',
      'ip link set vph-200-42 nomaster down',
      'ip link set breth1-200 down',
    ],
    call: net.implement(),
  },
  {
    name: 'implement: everything inside is down and bare',
    before: full,
    damage: [
      'address flush dev vn-100-42',
      'link set vn-100-42 down',
      'link set lo down',
      `address delete ${first}/24 dev vpn-200-42`,
      'link set vpn-200-42 down',
    ].map((command) => inside(`ip ${command}`)),
    call: net.implement(),
  },
  {
    name: 'implement: forwarding is off',
    before: full,
    damage: [inside('sysctl -q -w net.ipv4.ip_forward=0')],
    call: net.implement(),
  },
  {
    name: 'implement: the default route is gone',
    before: full,
    damage: [inside('ip route delete default')],
    call: net.implement(),
  },
  {
    name: 'implement: the default route is another',
    before: full,
    damage: [inside('ip route replace default via 203.0.113.77')],
    call: net.implement(),
  },
  {
    name: 'implement: the guest veth is gone',
    before: full,
    damage: ['ip link delete vh-100-42'],
    call: net.implement(),
  },
  {
    name: 'implement: the public veth is gone',
    before: full,
    damage: ['ip link delete vph-200-42'],
    call: net.implement(),
  },
  {
    name: 'implement: the bridges are gone',
    before: full,
    damage: ['ip link delete breth1-100', 'ip link delete breth1-200'],
    call: net.implement(),
  },
  { name: 'implement: the rules are gone', before: full, damage: [inside('nft flush ruleset')], call: net.implement() },
  {
    name: 'implement: the rules are gone and the daemon is another',
    before: full,
    restarted: true,
    damage: [inside('nft flush ruleset')],
    call: net.implement(),
  },
  {
    name: 'implement: the rules are damaged',
    before: full,
    damage: [inside('nft delete element ip cloudstack static_nat { 203.0.113.11 }')],
    call: net.implement(),
    rulesPutRightBy: net.addForward(ssh),
  },
  {
    name: 'implement: takes over from the shell wrapper',
    before: full,
    restarted: true,
    damage: shellRules,
    call: net.implement(),
    rulesPutRightBy: net.addForward(ssh),
  },
  {
    name: 'static NAT: moved, takes over from the shell wrapper',
    before: full,
    restarted: true,
    damage: shellRules,
    call: net.addStaticNat(second, otherGuest),
    rulesPutRightBy: net.addForward(ssh),
  },
  {
    name: 'implement: the veth was never moved',
    damage: [
      'ip netns add cs-net-42',
      'ip link add vh-100-42 type veth peer name vn-100-42',
      'ip link set vn-100-42 up',
    ],
    call: net.implement(),
  },
  {
    name: 'implement: the veth was never moved and is in the bridge',
    damage: [
      'ip netns add cs-net-42',
      'ip link add breth1-100 type bridge',
      'ip link add vh-100-42 type veth peer name vn-100-42',
      'ip link set vn-100-42 master breth1-100',
    ],
    call: net.implement(),
  },
  {
    name: 'implement: an end inside that lost its other',
    before: bare,
    damage: ['ip link set vh-100-42 down', 'ip link set vh-100-42 name odd'],
    call: net.implement(),
    lostLinks: ['vn-100-42', 'odd'],
  },
  {
    name: 'implement: an end on the host that lost its other',
    before: bare,
    damage: ['ip link delete vh-100-42', 'ip netns delete cs-net-42', 'ip link add vh-100-42 type veth peer name odd'],
    call: net.implement(),
    lostLinks: ['vh-100-42', 'odd'],
  },
  { name: 'implement: another VLAN', before: full, call: movedNet.implement() },
  {
    name: 'implement: another gateway and CIDR',
    before: full,
    call: net.implement({ gateway: '10.1.1.129', 'extension-ip': '10.1.1.129', cidr: '10.1.1.128/25' }),
  },
  {
    name: 'implement: another extension address of the same range',
    before: full,
    call: net.implement({ 'extension-ip': '10.1.1.3' }),
  },

  // assign-ip, isolated
  { name: 'assign: the first address, source NAT', before: bare, call: sourceNat },
  { name: 'assign: the first address, daemon restarted', before: bare, restarted: true, call: sourceNat },
  { name: 'assign: another on the same VLAN', before: [...bare, sourceNat], call: net.assign(second) },
  {
    name: 'assign: another on another VLAN',
    before: [...bare, sourceNat],
    call: net.assign(second, { 'public-vlan': '201', 'public-gateway': '203.0.113.254' }),
  },
  { name: 'assign: once more', changesNothing: true, before: full, call: sourceNat },
  { name: 'assign: takes source NAT over', before: full, call: net.assign(second, { 'source-nat': 'true' }) },
  { name: 'assign: another prefix', before: full, call: net.assign(second, { 'public-cidr': `${second}/28` }) },
  {
    name: 'assign: the only address moves to another VLAN',
    before: [...bare, sourceNat],
    call: net.assign(first, { 'source-nat': 'true', 'public-vlan': '201' }),
  },
  {
    name: 'assign: one of two moves to another VLAN',
    before: full,
    call: net.assign(first, { 'source-nat': 'true', 'public-vlan': '201' }),
  },
  {
    name: 'assign: without a gateway, /32',
    before: bare,
    call: net.assign(first, { 'public-cidr': '', 'public-gateway': '' }),
  },
  {
    name: 'assign: a gateway outside the range',
    before: bare,
    call: net.assign(first, { 'public-cidr': `${first}/32` }),
  },
  {
    name: 'assign: the public veth is gone',
    before: full,
    damage: ['ip link delete vph-200-42'],
    call: net.assign(second),
  },
  {
    name: 'assign: the host route leads elsewhere',
    before: full,
    damage: [`ip route replace ${second}/32 dev vh-100-42`],
    call: net.assign(second),
  },

  // release-ip, isolated
  {
    name: 'release: the first of two',
    before: full,
    damage: flows('cs-net-42', first, second),
    call: net.release(first),
  },
  { name: 'release: the second of two', before: full, call: net.release(second) },
  { name: 'release: the last', before: [...bare, sourceNat], call: net.release(first) },
  {
    name: 'release: the last, daemon restarted',
    before: [...bare, sourceNat],
    restarted: true,
    call: net.release(first),
  },
  { name: 'release: the first of three', before: [...full, net.assign(third)], call: net.release(first) },
  { name: 'release: after the network was shut down', before: [...full, net.shutdown()], call: net.release(first) },

  // Static NAT and port forwards, isolated
  {
    name: 'static NAT: added',
    before: [...bare, sourceNat, net.assign(second)],
    call: net.addStaticNat(second, guest),
  },
  {
    name: 'static NAT: added, daemon restarted',
    before: [...bare, sourceNat, net.assign(second)],
    restarted: true,
    call: net.addStaticNat(second, guest),
  },
  { name: 'static NAT: once more', changesNothing: true, before: full, call: net.addStaticNat(second, guest) },
  {
    name: 'static NAT: moved',
    before: full,
    damage: flows('cs-net-42', second, third),
    call: net.addStaticNat(second, otherGuest),
  },
  {
    name: 'static NAT: deleted',
    before: full,
    damage: flows('cs-net-42', second, third),
    call: net.deleteStaticNat(second),
  },
  {
    name: 'static NAT: the rules were flushed',
    before: full,
    damage: [inside('nft flush ruleset')],
    call: net.addStaticNat(second, otherGuest),
  },
  { name: 'port forward: added', before: full, call: net.addForward(dns) },
  { name: 'port forward: range added', before: [...bare, sourceNat], call: net.addForward(range) },
  { name: 'port forward: shifted range added', before: [...bare, sourceNat], call: net.addForward(shifted) },
  { name: 'port forward: once more', changesNothing: true, before: full, call: net.addForward(ssh) },
  {
    name: 'port forward: moved',
    before: full,
    damage: flows('cs-net-42', first, third),
    call: net.addForward({ ...ssh, privateIp: otherGuest }),
  },
  {
    name: 'port forward: range becomes a shifted one',
    before: full,
    call: net.addForward({ ...range, privatePort: '6000-6009' }),
  },
  {
    name: 'port forward: deleted',
    before: full,
    damage: flows('cs-net-42', first, third),
    call: net.deleteForward(ssh),
  },
  {
    name: 'port forward: range deleted',
    before: full,
    damage: flows('cs-net-42', first, third),
    call: net.deleteForward(range),
  },
  {
    name: 'port forward: shifted range deleted, daemon restarted',
    before: full,
    restarted: true,
    call: net.deleteForward(shifted),
  },

  // shutdown-network and destroy-network, isolated
  { name: 'shutdown: complete', before: full, call: net.shutdown() },
  { name: 'shutdown: daemon restarted', before: full, restarted: true, call: net.shutdown() },
  { name: 'shutdown: guest side only', before: bare, call: net.shutdown() },
  { name: 'shutdown: nothing there', changesNothing: true, call: net.shutdown() },
  { name: 'shutdown: again', changesNothing: true, before: [...full, net.shutdown()], call: net.shutdown() },
  {
    name: 'shutdown: the namespace is gone, a public veth is not',
    before: full,
    damage: [
      'ip link delete vh-100-42',
      'ip link delete vph-200-42',
      'ip netns delete cs-net-42',
      'ip link add vph-200-42 type veth peer name odd',
    ],
    call: net.shutdown(),
  },
  {
    // The id is too long for the link's name; in hexadecimal it is the other's.
    name: 'shutdown: a network whose link would have the name of another’s',
    changesNothing: true,
    before: [new NetworkCalls({ id: 989681, vlan: 3998, prefix: '10.1.7' }).implement()],
    call: new NetworkCalls({ id: 10000001, vlan: 3998, prefix: '10.1.8' }).shutdown(),
  },
  { name: 'destroy: complete', before: full, call: net.destroy() },
  { name: 'destroy: after shutdown', before: [...full, net.shutdown()], call: net.destroy() },
  { name: 'destroy: nothing there', changesNothing: true, call: net.destroy() },

  // Tiers of a VPC
  { name: 'tier: the first is implemented', call: tier.implement() },
  { name: 'tier: the second is implemented', before: [tier.implement()], call: otherTier.implement() },
  { name: 'tier: implemented once more', changesNothing: true, before: tiers, call: tier.implement() },
  {
    name: 'tier: implemented once more, daemon restarted',
    before: tiers,
    restarted: true,
    call: otherTier.implement(),
  },
  {
    name: 'tier: half-built',
    before: tiers,
    damage: ['ip link delete vh-100-9', namespaceExec('cs-vpc-9', 'ip link set vn-101-9 down')],
    call: tier.implement(),
  },
  {
    name: 'tier: source NAT is assigned',
    before: [tier.implement()],
    call: tier.assign(first, { 'source-nat': 'true' }),
  },
  { name: 'tier: an address is assigned', before: tiers, call: otherTier.assign('203.0.113.13') },
  { name: 'tier: an address changes its tier', before: tiers, call: otherTier.assign(second) },
  {
    name: 'tier: an address is released',
    before: tiers,
    damage: flows('cs-vpc-9', second, third),
    call: tier.release(second),
  },
  { name: 'tier: static NAT is added', before: tiers, call: otherTier.addStaticNat(third, '10.9.2.10') },
  { name: 'tier: static NAT is moved', before: tiers, call: tier.addStaticNat(second, '10.9.1.11') },
  { name: 'tier: static NAT is deleted', before: tiers, call: tier.deleteStaticNat(second) },
  {
    name: 'tier: port forward is added',
    before: tiers,
    call: tier.addForward({ ...ssh, publicIp: second, privateIp: tierGuest }),
  },
  { name: 'tier: port forward is deleted', before: tiers, call: otherTier.deleteForward({ ...ssh, publicIp: third }) },
  {
    name: 'tier: one of two is shut down',
    before: tiers,
    damage: flows('cs-vpc-9', second, third),
    call: tier.shutdown(),
  },
  { name: 'tier: the last is shut down', before: [...tiers, tier.shutdown()], call: otherTier.shutdown() },
  {
    name: 'tier: the last is shut down, daemon restarted',
    before: [...tiers, otherTier.shutdown()],
    restarted: true,
    call: tier.shutdown(),
  },
  { name: 'tier: one of two is destroyed', before: tiers, call: otherTier.destroy() },
  { name: 'tier: destroyed after its shutdown', before: [...tiers, tier.shutdown()], call: tier.destroy() },

  // apply-fw-rules
  { name: 'firewall: the first', before: full, call: net.firewall(few) },
  {
    name: 'firewall: the first, with connections that it ends and others',
    before: full,
    damage: flows('cs-net-42', first, second, third),
    call: net.firewall(few),
  },
  { name: 'firewall: the first, daemon restarted', before: full, restarted: true, call: net.firewall(few, true) },
  { name: 'firewall: without rules', before: full, damage: flows('cs-net-42', first, third), call: net.firewall([]) },
  { name: 'firewall: replaced', before: [...full, net.firewall(few)], call: net.firewall(few.slice(1), true) },
  { name: 'firewall: sets come', before: [...full, net.firewall(few)], call: net.firewall(many) },
  {
    name: 'firewall: sets are replaced',
    before: [...full, net.firewall(many)],
    damage: flows('cs-net-42', first, second),
    call: net.firewall(otherMany),
  },
  {
    name: 'firewall: hundreds of rules come',
    before: [...full, net.firewall(many)],
    damage: flows('cs-net-42', first, second),
    call: net.firewall(veryMany),
  },
  {
    name: 'firewall: hundreds of rules go',
    before: [...full, net.firewall(veryMany)],
    call: net.firewall(veryMany.slice(0, 600)),
  },
  { name: 'firewall: sets go', before: [...full, net.firewall(many)], call: net.firewall(few) },
  {
    name: 'firewall: once more',
    changesNothing: true,
    before: [...full, net.firewall(many)],
    call: net.firewall(many),
  },
  {
    name: 'firewall: names an address that is not assigned',
    before: [...full, net.firewall(few)],
    call: net.firewall([...few, open(third, 80)]),
  },
  {
    name: 'firewall: the rules were flushed',
    before: [...full, net.firewall(few)],
    damage: [inside('nft flush ruleset')],
    call: net.firewall(many),
  },
  {
    name: 'firewall: after the network was shut down',
    changesNothing: true,
    before: [...full, net.shutdown()],
    call: net.firewall(few),
  },
  {
    name: 'firewall: takes over the shell wrapper’s filters',
    before: full,
    restarted: true,
    damage: shellFilters,
    call: net.firewall(few),
    rulesPutRightBy: net.addForward(ssh),
  },
  {
    name: 'implement: leaves the shell wrapper’s filters',
    before: full,
    restarted: true,
    damage: shellFilters,
    call: net.implement(),
    rulesPutRightBy: net.addForward(ssh),
  },
  { name: 'firewall: an address is assigned behind it', before: [...full, net.firewall(few)], call: net.assign(third) },
  {
    name: 'firewall: an address is released behind it',
    before: [...full, net.firewall(few)],
    call: net.release(second),
  },
  { name: 'firewall: the network moves behind it', before: [...full, net.firewall(many)], call: movedNet.implement() },
  {
    name: 'firewall: the namespace is gone, the state is not',
    before: [...full, net.firewall(many)],
    damage: ['ip link delete vh-100-42', 'ip link delete vph-200-42', 'ip netns delete cs-net-42'],
    call: net.implement(),
  },
  { name: 'firewall: shut down with its network', before: [...full, net.firewall(many)], call: net.shutdown() },
  { name: 'firewall: destroyed with its network', before: [...full, net.firewall(few)], call: net.destroy() },
  { name: 'firewall: of a tier', before: vpcWithTiers, call: tier.firewall([open(second, 80), ...many]) },
  {
    name: 'firewall: of a tier, for an address of another',
    before: vpcWithTiers,
    damage: flows('cs-vpc-9', second, third),
    call: tier.firewall([open(second, 80), open(third, 80)]),
  },

  // apply-network-acl
  { name: 'ACL: the first', before: vpcWithTiers, call: tier.acl(fewListed) },
  {
    name: 'ACL: the first, with sets, daemon restarted',
    before: vpcWithTiers,
    restarted: true,
    call: tier.acl(manyListed),
  },
  { name: 'ACL: replaced', before: [...vpcWithTiers, tier.acl(fewListed)], call: tier.acl(manyListed) },
  {
    name: 'ACL: sets are replaced',
    before: [...vpcWithTiers, tier.acl(manyListed)],
    call: tier.acl(manyListed.slice(1)),
  },
  { name: 'ACL: emptied', before: [...vpcWithTiers, tier.acl(manyListed)], call: tier.acl([]) },
  { name: 'ACL: once more', changesNothing: true, before: filteredTiers, call: otherTier.acl(manyListed) },
  { name: 'ACL: of the other tier', before: [...vpcWithTiers, tier.acl(manyListed)], call: otherTier.acl(fewListed) },
  { name: 'ACL: shut down with its tier', before: filteredTiers, call: tier.shutdown() },
  { name: 'ACL: destroyed with its tier', before: filteredTiers, call: otherTier.destroy() },

  // implement-vpc
  { name: 'VPC: nothing there', call: vpc.implement() },
  { name: 'VPC: nothing there, with an address', call: vpc.implement(first) },
  { name: 'VPC: an address comes', before: [vpc.implement()], call: vpc.implement(first) },
  { name: 'VPC: complete', changesNothing: true, before: filteredTiers, call: vpc.implement(first) },
  { name: 'VPC: complete, daemon restarted', before: filteredTiers, restarted: true, call: vpc.implement(first) },
  {
    name: 'VPC: half-built',
    before: vpcWithTiers,
    damage: ['ip link delete vph-200-9', namespaceExec('cs-vpc-9', 'sysctl -q -w net.ipv4.ip_forward=0')],
    call: vpc.implement(first),
  },
  {
    name: 'VPC: the namespace is gone, the state is not',
    before: [vpc.implement(first)],
    damage: ['ip link delete vph-200-9', 'ip netns delete cs-vpc-9'],
    call: vpc.implement(first),
  },
  {
    name: 'VPC: another address and CIDR',
    before: vpcWithTiers,
    call: vpc.implement('203.0.113.20', { cidr: '10.8.0.0/15' }),
  },
  { name: 'VPC: of which only tiers were known', before: tiers, call: vpc.implement(first) },
  { name: 'VPC: the first tier is implemented', before: [vpc.implement(first)], call: tier.implement() },
  {
    name: 'VPC: the last tier is shut down',
    before: [...vpcWithTiers, tier.shutdown()],
    call: otherTier.shutdown(),
  },

  // update-vpc-source-nat-ip
  { name: 'VPC source: a new address', before: vpcWithTiers, call: vpc.updateSource('203.0.113.20') },
  {
    name: 'VPC source: a new address on another VLAN, daemon restarted',
    before: vpcWithTiers,
    restarted: true,
    call: vpc.updateSource('203.0.113.20', { 'public-vlan': '201', 'public-gateway': '203.0.113.254' }),
  },
  { name: 'VPC source: an address of a tier', before: filteredTiers, call: vpc.updateSource(second) },
  { name: 'VPC source: once more', changesNothing: true, before: vpcWithTiers, call: vpc.updateSource(first) },
  {
    name: 'VPC source: the address moves to another VLAN',
    before: [vpc.implement(first)],
    call: vpc.updateSource(first, { 'public-vlan': '201' }),
  },
  {
    name: 'VPC source: one of many moves to another VLAN',
    before: vpcWithTiers,
    call: vpc.updateSource(first, { 'public-vlan': '201' }),
  },
  {
    name: 'VPC source: another prefix',
    before: vpcWithTiers,
    call: vpc.updateSource(first, { 'public-cidr': `${first}/28` }),
  },
  {
    name: 'VPC source: the public veth is gone',
    before: vpcWithTiers,
    damage: ['ip link delete vph-200-9'],
    call: vpc.updateSource('203.0.113.20'),
  },

  // shutdown-vpc and destroy-vpc
  { name: 'VPC shutdown: with tiers', before: filteredTiers, call: vpc.shutdown() },
  { name: 'VPC shutdown: with tiers, daemon restarted', before: filteredTiers, restarted: true, call: vpc.shutdown() },
  { name: 'VPC shutdown: of which only tiers were known', before: tiers, call: vpc.shutdown() },
  { name: 'VPC shutdown: without tiers', before: [vpc.implement(first)], call: vpc.shutdown() },
  { name: 'VPC shutdown: nothing there', changesNothing: true, call: vpc.shutdown() },
  {
    name: 'VPC shutdown: again',
    changesNothing: true,
    before: [...filteredTiers, vpc.shutdown()],
    call: vpc.shutdown(),
  },
  {
    name: 'VPC: implemented after its shutdown',
    before: [...filteredTiers, vpc.shutdown()],
    call: vpc.implement(first),
  },
  { name: 'VPC: a tier after its shutdown', before: [...filteredTiers, vpc.shutdown()], call: tier.implement() },
  { name: 'VPC destroy: with tiers', before: filteredTiers, call: vpc.destroy() },
  { name: 'VPC destroy: without tiers', before: [vpc.implement(first)], call: vpc.destroy() },
  { name: 'VPC destroy: after its shutdown', before: [...filteredTiers, vpc.shutdown()], call: vpc.destroy() },
  { name: 'VPC destroy: nothing there', changesNothing: true, call: vpc.destroy() },

  // custom-action
  {
    name: 'action: a route',
    before: routed,
    call: net.action('pbr-add-route', { table: 'isp', route: '10.2.0.0/16 dev lo' }),
  },
  {
    name: 'action: a route in the place of another',
    before: routed,
    restarted: true,
    call: net.action('pbr-add-route', { table: 'isp', route: 'unreachable default' }),
  },
  {
    name: 'action: a route that somebody else has changed',
    before: routed,
    damage: [inside('ip route replace default via 203.0.113.77 proto static mtu 1400 table 100')],
    call: net.action('pbr-add-route', { table: 'isp', route: 'default via 203.0.113.1' }),
  },
  {
    name: 'action: a route goes',
    before: routed,
    call: net.action('pbr-delete-route', { table: 'isp', route: 'default' }),
  },
  { name: 'action: a rule', before: routed, call: net.action('pbr-add-rule', { table: 'isp', rule: 'fwmark 5' }) },
  {
    name: 'action: a rule with less to it than another',
    before: routed,
    call: net.action('pbr-add-rule', { table: 'isp', rule: 'from 10.1.1.0/25 priority 7' }),
  },
  {
    name: 'action: a rule goes',
    before: routed,
    call: net.action('pbr-delete-rule', { table: 'isp', rule: 'to 192.0.2.0/24' }),
  },
  {
    name: 'action: repeated',
    changesNothing: true,
    before: routed,
    call: net.action('pbr-add-rule', { table: 'isp', rule: 'to 192.0.2.0/24' }),
  },
  {
    name: 'action: the guest link goes down and up',
    changesNothing: true,
    before: bare,
    call: net.action('reboot-device'),
  },
  { name: 'action: everything is shown', changesNothing: true, before: routed, call: net.action('dump-config') },
  { name: 'action: shutdown takes routes and rules', before: routed, call: net.shutdown() },
  { name: 'action: destroy takes all of it', before: routed, call: net.destroy() },
  {
    name: 'action: a route of a VPC',
    before: tiers,
    call: tier.action('pbr-add-route', { table: '5', route: 'prohibit 10.2.0.0/16' }),
  },
  { name: 'user data: the first', before: bare, call: net.saveVmData(guest, vmData) },
  { name: 'user data: once more', changesNothing: true, before: told, call: net.saveVmData(guest, vmData) },
  {
    name: 'user data: of another VM with the address of a former one',
    before: told,
    call: net.saveVmData(guest, { 'metadata/instance-id': '2', 'metadata/vm-id': '2' }),
  },
  { name: 'user data: of a tier', before: tiers, call: tier.saveVmData(tierGuest, vmData) },
  { name: 'user data: implemented again', before: [...told, net.shutdown()], call: net.implement() },
  { name: 'user data: another VLAN', before: told, call: movedNet.implement() },
  { name: 'user data: goes with the network', before: told, call: net.destroy() },
  { name: 'user data: builds a shared network', call: net.saveVmDataShared(guest, vmData) },

  // apply-lb-rules
  { name: 'balancing: the first rules', before: full, call: net.balance([web, mail]) },
  { name: 'balancing: once more', changesNothing: true, before: balanced, call: net.balance([web, mail]) },
  { name: 'balancing: another guest', before: balanced, call: net.balance([{ ...web, guests: [guest] }]) },
  { name: 'balancing: another port', before: balanced, call: net.balance([{ ...web, publicPort: 81 }]) },
  {
    name: 'balancing: another algorithm, daemon restarted',
    before: balanced,
    restarted: true,
    call: net.balance([
      { ...web, algorithm: 'source' },
      { ...mail, revoke: true },
    ]),
  },
  {
    name: 'balancing: with connections',
    before: balanced,
    damage: flows('cs-net-42', first, second),
    call: net.balance([{ ...web, revoke: true }]),
  },
  {
    name: 'balancing: the last rules go',
    before: balanced,
    call: net.balance([web, mail].map((rule) => ({ ...rule, revoke: true }))),
  },
  {
    name: 'balancing: revoked after the network is gone',
    changesNothing: true,
    before: [...balanced, net.destroy()],
    call: net.balance([{ ...web, revoke: true }]),
  },
  { name: 'balancing: goes with its address', before: balanced, call: net.release(second) },
  { name: 'balancing: goes with the shutdown', before: balanced, call: net.shutdown() },
  { name: 'balancing: goes with the network', before: balanced, call: net.destroy() },
  {
    name: 'balancing: the namespace is gone, the state is not',
    before: balanced,
    damage: [
      'kill -9 $(cat /run/state/network-42/haproxy/haproxy.pid)',
      'ip link delete vh-100-42',
      'ip link delete vph-200-42',
      'ip netns delete cs-net-42',
    ],
    call: net.implement(),
  },
  { name: 'balancing: a tier that is filtered', before: balancedTiers, call: otherTier.acl(fewListed) },
  {
    name: 'balancing: the first rule of a filtered tier',
    before: filteredTiers,
    call: otherTier.balance([{ id: 22, publicIp: third, publicPort: 80, guests: ['10.9.2.10'] }]),
  },
  { name: 'balancing: a tier ends', before: balancedTiers, call: tier.shutdown() },
  { name: 'balancing: the VPC ends', before: balancedTiers, call: vpc.shutdown() },

  // restore-network
  { name: 'restore: from nothing', before: bare, call: net.restore(restored, ['userdata']) },
  {
    name: 'restore: once more',
    changesNothing: true,
    before: [...bare, net.restore(restored, ['userdata'])],
    call: net.restore(restored, ['userdata']),
  },
  {
    name: 'restore: one VM is another, one has other data, one is new',
    before: [...told, net.restore(restored, ['userdata'])],
    restarted: true,
    call: net.restore(restoredOtherwise, ['userdata']),
  },
  { name: 'restore: all services', before: bare, call: net.restore(restored, ['dhcp', 'dns', 'userdata']) },
  { name: 'restore: of a tier', before: tiers, call: tier.restore(restored, ['userdata']) },
];

/** Two networks that share a public VLAN; played at the same time (injection-host.ts). */
export const sideBySideName = 'two networks on one public VLAN at the same time';
const neighbour = new NetworkCalls({ id: 43, vlan: 101, prefix: '10.1.2' });
export const sideBySide = [
  { implement: net.implement(), assign: sourceNat },
  { implement: neighbour.implement(), assign: neighbour.assign(third, { 'source-nat': 'true' }) },
] as const;
