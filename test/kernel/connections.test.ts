// Tracked connections of real flows: a client and a server behind a router that rewrites addresses and tracks.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { Command } from '../../src/contract/command.js';
import { refusedConnections } from '../../src/dataplane/refused-connections.js';
import type { Connection, ConnectionFilter } from '../../src/kernel/connection.js';
import type { KernelError } from '../../src/kernel/errors.js';
import { native } from '../../src/kernel/native.js';
import type { Domain } from '../../src/model/domain.js';
import { applyAcl, applyFirewall, assign, domainAfter, implementTier, tierTarget } from '../unit/commands/builders.js';
import { aclOf, firewallOf, type SentAclRule, type SentFirewallRule } from '../unit/model/sent-rules.js';
import { run } from './native/scratch.js';
import { Scene } from './scene.js';

const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

/** Answers every UDP datagram and every TCP connection on the ports, of both families. */
const server = `
const dgram = require('node:dgram');
const net = require('node:net');
const [udp, tcp] = process.argv.slice(1).map((list) => list.split(',').map(Number));
let waiting = udp.length + tcp.length;
const ready = () => { if (--waiting === 0) console.log('ready'); };
for (const port of udp) {
  const socket = dgram.createSocket('udp6', (text, from) => socket.send('answer', from.port, from.address));
  socket.bind(port, ready);
}
for (const port of tcp) net.createServer((socket) => socket.on('error', () => {})).listen(port, '::', ready);
setInterval(() => {}, 1000);
`;

/** Sends from fixed ports, waits for the answers, and keeps the TCP connections. */
const client = `
const dgram = require('node:dgram');
const net = require('node:net');
let waiting = 0;
const done = () => { if (--waiting === 0) console.log('ready'); };
for (const flow of process.argv.slice(1)) {
  waiting++;
  const [protocol, address, sourcePort, port] = flow.split(' ');
  const six = address.includes(':');
  if (protocol === 'udp') {
    const socket = dgram.createSocket(six ? 'udp6' : 'udp4', done);
    socket.bind(Number(sourcePort), () => socket.send('question', Number(port), address));
  } else {
    net.connect({ host: address, port: Number(port), localPort: Number(sourcePort) }, done).on('error', () => {});
  }
}
setInterval(() => {}, 1000);
`;

async function start(namespace: string, program: string, parameters: readonly string[]): Promise<void> {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', program, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  expect(String(text)).toBe('ready\n');
}

/** The router of client (10.1.0.2) and server (10.2.0.2), which knows the server also as 198.51.100.1. */
async function openRouter(): Promise<Scene> {
  const [router, inside, outside] = [await Scene.open(), await Scene.open(), await Scene.open()];
  for (const [scene, net, link] of [
    [inside, 1, 'toclient'],
    [outside, 2, 'toserver'],
  ] as const) {
    router.ip(`link add ${link} type veth peer name end netns ${scene.name}`);
    router.ip(`addr add 10.${net}.0.1/24 dev ${link}`);
    router.ip(`addr add 2001:db8:${net}::1/64 dev ${link} nodad`);
    router.ip(`link set ${link} up`);
    scene.ip(`addr add 10.${net}.0.2/24 dev end`);
    scene.ip(`addr add 2001:db8:${net}::2/64 dev end nodad`);
    scene.ip('link set end up');
    scene.ip('link set lo up');
    scene.ip(`route add default via 10.${net}.0.1`);
    scene.ip(`-6 route add default via 2001:db8:${net}::1`);
  }
  await native.writeSysctls(router.name, [
    { name: 'net.ipv4.ip_forward', value: '1' },
    { name: 'net.ipv6.conf.all.forwarding', value: '1' },
  ]);
  router.nft(`
    table ip nat {
      chain pre { type nat hook prerouting priority dstnat;
        ip daddr 198.51.100.1 dnat to 10.2.0.2
      }
    }
    table inet track {
      chain forward { type filter hook forward priority 0;
        ct state new counter
      }
    }`);
  await start(outside.name, server, ['1000,1001,1002,1003,1004', '2000,2001']);
  await start(inside.name, client, [
    ...[1000, 1001, 1002, 1003, 1004].map((port) => `udp 10.2.0.2 ${port + 4000} ${port}`),
    'udp 198.51.100.1 6000 1000',
    'tcp 10.2.0.2 7000 2000',
    'tcp 198.51.100.1 7001 2001',
    'udp 2001:db8:2::2 8000 1000',
    'tcp 2001:db8:2::2 8001 2000',
    'udp 2001:db8:2::2 8002 1001',
  ]);
  run(['ping', '-c', '1', '10.2.0.2'], inside.name);
  return router;
}

/** The client's ports, which tell the flows apart, and `icmp`. */
const flows = (connections: readonly Connection[]): string[] =>
  connections.map(({ original }) => (original.icmp === undefined ? String(original.sourcePort) : 'icmp')).sort();

const all4 = ['5000', '5001', '5002', '5003', '5004', '6000', '7000', '7001', 'icmp'];
const all6 = ['8000', '8001', '8002'];

/** Each filter, and the flows it fits. */
const filters: readonly [ConnectionFilter, readonly string[]][] = [
  [{}, all4],
  [{ family: 'inet6' }, all6],
  [{ original: { source: '10.1.0.2' } }, all4],
  [{ original: { destination: '198.51.100.1' } }, ['6000', '7001']],
  [{ reply: { source: '10.2.0.2' } }, all4],
  [{ original: { destination: '198.51.100.1' }, reply: { source: '10.2.0.2' } }, ['6000', '7001']],
  [{ original: { protocol: 17 } }, ['5000', '5001', '5002', '5003', '5004', '6000']],
  [{ original: { protocol: 6, destinationPort: 2000 } }, ['7000']],
  [{ original: { protocol: 17, sourcePort: 5003 } }, ['5003']],
  [{ original: { destination: '10.2.0.2', protocol: 17, destinationPort: 1000 } }, ['5000']],
  [{ original: { destination: '2001:db8:2::2', protocol: 6 } }, ['8001']],
  [{ reply: { destination: '2001:db8:1::2', protocol: 17, sourcePort: 1000 } }, ['8000']],
  [{ reply: { destination: '10.1.0.2', protocol: 6 } }, ['7000', '7001']],
  [{ original: { destination: '203.0.113.9' } }, []],
  [{ original: { protocol: 17 }, destinationPorts: { first: 1001, last: 1003 } }, ['5001', '5002', '5003']],
  [{ destinationPorts: { first: 2000, last: 2000 } }, ['7000']],
  [
    { original: { source: '2001:0db8:1:0::2', destination: '2001:db8:2::2', destinationPort: 2000, protocol: 6 } },
    ['8001'],
  ],
  [{ original: { source: '2001:db8:9::2' } }, []],
];

/** Whether the kernel compares while it deletes (Linux 6.9); older ones find the tuple incomplete. */
async function comparesInKernel(scene: Scene): Promise<boolean> {
  return scene.netfilter.endConnections({ original: { destination: '203.0.113.77' } }, true).then(
    () => true,
    (error: KernelError) => {
      expect(error.code).toBe('EINVAL');
      return false;
    },
  );
}

/** The client's network and the server's as tiers, the server's other address a public one of its tier. */
function tiers(...commands: readonly Command[]): Domain {
  const tier = (number: number) => {
    const gateway = `10.${number}.0.1`;
    const cidr = { address: `10.${number}.0.0`, prefix: 24 };
    return implementTier(number, { gateway, extensionIp: gateway, cidr });
  };
  return domainAfter(tier(1), tier(2), assign('198.51.100.1', { target: tierTarget(2) }), ...commands);
}

const list = (number: number, rules: readonly Omit<SentAclRule, 'number'>[]) =>
  applyAcl(aclOf(rules.map((rule, index) => ({ ...rule, number: index }))), tierTarget(number));
const firewall = (number: number, default_egress_allow: boolean, rules: readonly Omit<SentFirewallRule, 'id'>[]) =>
  applyFirewall(
    firewallOf({ default_egress_allow, cidr: '', rules: rules.map((rule, id) => ({ ...rule, id })) }),
    tierTarget(number),
  );
const [into, out] = [{ trafficType: 'ingress' }, { trafficType: 'egress' }];
const all = { ...out, action: 'allow', protocol: 'all' };

/** Rules one after the other, and the connections that each of them refuses and those before it did not. */
const replacements: readonly [what: string, rules: Command, refused: readonly string[]][] = [
  [
    'what other tiers send',
    list(2, [
      { ...all, ...out },
      { ...all, ...into },
    ]),
    [],
  ],
  [
    'a port behind the last of a range',
    list(2, [
      { ...into, action: 'allow', protocol: 'udp', portStart: 1000, portEnd: 1003 },
      { ...into, action: 'allow', protocol: 'tcp' },
      { ...into, action: 'allow', protocol: 'icmp', icmpType: 8, icmpCode: 0 },
    ]),
    ['5004'],
  ],
  [
    'what the sender’s list stops',
    list(1, [{ ...out, action: 'deny', protocol: '17', portStart: 1003, sourceCidrs: ['10.2.0.2/32'] }, all]),
    ['5003'],
  ],
  [
    'a public address, by the port before translation',
    firewall(2, true, [{ type: 'ingress', publicIp: '198.51.100.1', protocol: 'tcp', portStart: 2001 }]),
    ['6000'],
  ],
  ['a listed port', firewall(1, true, [{ type: 'egress', protocol: 'tcp', portStart: 2000, portEnd: 2000 }]), ['7000']],
  ['all but what is listed', firewall(1, false, [{ type: 'egress', protocol: 'udp' }]), ['7001', 'icmp']],
  ['IPv6 networks, which are no IPv4', list(1, [{ ...all, sourceCidrs: ['::/0'] }]), ['5000', '5001', '5002']],
];

describe('tracked connections that rules refuse', () => {
  it('are ended, and no others', async () => {
    const router = await openRouter();
    const commands: Command[] = [];
    let left = all4;
    const now = async () => flows(await router.netfilter.connections());
    expect(await now()).toEqual(left);
    for (const [what, rules, refused] of replacements) {
      commands.push(rules);
      const ended = await router.netfilter.endConnectionsWhere(refusedConnections(tiers(...commands)));
      left = left.filter((flow) => !refused.includes(flow));
      expect({ what, ended, left: await now() }).toEqual({ what, ended: refused.length, left });
    }
    expect(left).toEqual([]);
    expect(flows(await router.netfilter.connections({ family: 'inet6' }))).toEqual(all6);
  });

  it('are none without rules, and none of the namespace itself', async () => {
    const router = await openRouter();
    expect(await router.netfilter.endConnectionsWhere(refusedConnections(tiers()))).toBe(0);
    // To a guest, as a load balancer does it.
    run(['ping', '-c', '1', '10.2.0.2'], router.name);
    const before = flows(await router.netfilter.connections());
    const closed = tiers(list(2, []), firewall(2, false, []));
    await router.netfilter.endConnectionsWhere(refusedConnections(closed));
    const own = (await router.netfilter.connections()).map(({ original }) => original.source);
    expect(before.length).toBe(all4.length + 1);
    expect(own).toEqual(['10.2.0.1']);
  });
});

describe('tracked connections', () => {
  it('are counted and listed by filter, as conntrack lists them', async () => {
    const router = await openRouter();
    expect(await router.netfilter.connectionCount()).toBe(all4.length + all6.length);
    for (const [filter, expected] of filters) {
      expect({ filter, flows: flows(await router.netfilter.connections(filter)) }).toEqual({ filter, flows: expected });
    }
    const [translated] = await router.netfilter.connections({ original: { protocol: 17, sourcePort: 6000 } });
    expect(translated).toEqual({
      family: 'inet',
      original: {
        source: '10.1.0.2',
        destination: '198.51.100.1',
        protocol: 17,
        sourcePort: 6000,
        destinationPort: 1000,
      },
      reply: { source: '10.2.0.2', destination: '10.1.0.2', protocol: 17, sourcePort: 1000, destinationPort: 6000 },
      status: expect.any(Number),
      timeout: expect.any(Number),
      mark: 0,
      id: expect.any(Number),
    });
    // IPS_SEEN_REPLY and IPS_DST_NAT
    expect((translated?.status ?? 0) & 0x22).toBe(0x22);
    expect(translated?.timeout).toBeGreaterThan(0);
    const [echo] = (await router.netfilter.connections()).filter(({ original }) => original.icmp !== undefined);
    expect(echo?.original).toMatchObject({ protocol: 1, icmp: { type: 8, code: 0, id: expect.any(Number) } });
    expect(echo?.reply).toMatchObject({ protocol: 1, icmp: { type: 0, code: 0 } });
    const list = run(['conntrack', '-L', '-f', 'ipv6', '-o', 'id'], router.name).trim().split('\n');
    const ids = (await router.netfilter.connections({ family: 'inet6' })).map(({ id }) => id);
    expect(list.map((line) => Number(/ id=(\d+)/.exec(line)?.[1])).sort()).toEqual(ids.sort());
  });

  it('are ended by filter, in the kernel and by listing alike', async () => {
    const ways: { inKernel: boolean; left: string[][] }[] = [];
    for (const inKernel of [false, true]) {
      const router = await openRouter();
      if (inKernel && !(await comparesInKernel(router))) continue;
      const left: string[][] = [];
      for (const [filter, expected] of filters.slice(3).reverse()) {
        const before = [
          ...flows(await router.netfilter.connections()),
          ...flows(await router.netfilter.connections({ family: 'inet6' })),
        ];
        await router.netfilter.endConnections(filter, inKernel);
        const after = [
          ...flows(await router.netfilter.connections()),
          ...flows(await router.netfilter.connections({ family: 'inet6' })),
        ];
        const still = before.filter((flow) => !expected.includes(flow));
        expect({ inKernel, filter, after }).toEqual({ inKernel, filter, after: still });
        left.push(after);
      }
      // Without any condition it is those of IPv4, and only those.
      const six = await router.netfilter.connections({ family: 'inet6' });
      expect(six.length).toBeGreaterThan(0);
      await router.netfilter.endConnections({}, inKernel);
      expect(flows(await router.netfilter.connections())).toEqual([]);
      expect(await router.netfilter.connections({ family: 'inet6' })).toHaveLength(six.length);
      await router.netfilter.endConnections({ family: 'inet6' }, inKernel);
      expect(await router.netfilter.connectionCount()).toBe(0);
      ways.push({ inKernel, left });
    }
    expect(ways.length).toBeGreaterThan(0);
    expect(ways[1]?.left ?? ways[0]?.left).toEqual(ways[0]?.left);
  });
});
