import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import type { Machine } from '../host/machine.js';
import { briefly } from '../host/patience.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, internet } from './scene.js';

const ip = (machine: Machine, lines: readonly string[]) => machine.ipBatch(lines.map((line) => line.split(' ')));

/** Where the shell wrapper keeps what it knows. */
const state = '/var/lib/cloudstack/network-namespace/network-42';

describe('taking over a network that the shell wrapper built', () => {
  let host: TestHost;
  let network: Network;
  let outside: Endpoint;
  let guest: Endpoint;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    await buildAsTheShellWrapperDoes();
    outside = await attachInternet(host);
    guest = await attachGuest(host, network, 10, 100);
    await guest.listenTcp(22);
    await outside.listenTcp(80);
  });
  afterAll(() => host?.destroy());

  const forward = { publicIp: '203.0.113.10', publicPort: 2222, privateIp: '10.1.1.10', privatePort: 22 };
  const ssh = (options = {}) => outside.tcp('203.0.113.10', 2222, { from: internet, ...options });

  /** Links, rules and files as the shell wrapper makes them for implement-network, assign-ip and add-port-forward. */
  async function buildAsTheShellWrapperDoes(): Promise<void> {
    await host.self.output('ip', 'netns', 'add', 'cs-net-42');
    await ip(host.self, [
      'link add breth1-100 type bridge',
      'link add breth1-200 type bridge',
      'link set breth1-100 up',
      'link set breth1-200 up',
      'link set eth1 up',
      ...(await vlanLinks()),
      'link set eth1.100 master breth1-100',
      'link set eth1.200 master breth1-200',
      'link set eth1.100 up',
      'link set eth1.200 up',
      'link add vh-100-42 type veth peer name vn-100-42 netns cs-net-42',
      'link add vph-200-42 type veth peer name vpn-200-42 netns cs-net-42',
      'link set vh-100-42 master breth1-100',
      'link set vph-200-42 master breth1-200',
      'link set vh-100-42 up',
      'link set vph-200-42 up',
    ]);
    await ip(network.inside, [
      'link set lo up',
      'link set vn-100-42 up',
      'link set vpn-200-42 up',
      'address add 10.1.1.1/24 dev vn-100-42',
      'address add 203.0.113.10/24 dev vpn-200-42',
      'route add default via 203.0.113.1',
    ]);
    await network.inside.output('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
    const iptables = (...words: string[]) => network.inside.output('iptables', ...words);
    for (const [table, chain, base] of [
      ['nat', 'CS_EXTNET_42_PR', 'PREROUTING'],
      ['nat', 'CS_EXTNET_42_POST', 'POSTROUTING'],
      ['filter', 'CS_EXTNET_FWD_42', 'FORWARD'],
    ] as const) {
      await iptables('-t', table, '-N', chain);
      await iptables('-t', table, '-A', base, '-j', chain);
    }
    const dnat = [
      '-p',
      'tcp',
      '-d',
      '203.0.113.10',
      '--dport',
      '2222',
      '-j',
      'DNAT',
      '--to-destination',
      '10.1.1.10:22',
    ];
    await iptables('-t', 'nat', '-A', 'CS_EXTNET_42_PR', ...dnat);
    const snat = ['-s', '10.1.1.0/24', '-o', 'vpn-200-42', '-j', 'SNAT', '--to-source', '203.0.113.10'];
    await iptables('-t', 'nat', '-A', 'CS_EXTNET_42_POST', ...snat);
    await iptables('-t', 'filter', '-A', 'CS_EXTNET_FWD_42', '-i', 'vn-100-42', '-j', 'ACCEPT');
    for (const [name, content] of Object.entries({
      vlan: '100',
      gateway: '10.1.1.1',
      cidr: '10.1.1.0/24',
      'extension-ip': '10.1.1.1',
      namespace: 'cs-net-42',
      'ips/203.0.113.10': 'true',
      'ips/203.0.113.10.pvlan': '200',
      'ips/203.0.113.10.tier': '42',
      'port-forward/tcp_203.0.113.10_2222': 'tcp 203.0.113.10 2222 10.1.1.10 22',
    })) {
      await host.writeFile(`${state}/${name}`, `${content}\n`);
    }
  }

  /** On a kernel with 802.1Q the shell wrapper makes the VLAN links; elsewhere the test host has made them beforehand. */
  async function vlanLinks(): Promise<string[]> {
    const names = (await host.self.links()).map((link) => link.ifname);
    return [100, 200]
      .filter((vlan) => !names.includes(`eth1.${vlan}`))
      .map((vlan) => `link add link eth1 name eth1.${vlan} type vlan id ${vlan}`);
  }

  test('the shell wrapper’s port forward works before', async () => {
    expect((await ssh()).result).toBe('open');
  });

  test('the next command takes its rules over, and everything goes on', async () => {
    const connection = await outside.connect('203.0.113.10', 2222, { from: internet });
    await network.implement();
    expect((await ssh()).result).toBe('open');
    expect(await connection.exchange()).toBe('answered');
    expect(await guest.tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: '203.0.113.10' } });
    const rules = await network.inside.output('nft', 'list', 'ruleset');
    expect(rules.match(/chain CS_EXTNET_42_PR/g)).toHaveLength(1);
    expect(await network.inside.output('iptables', '-t', 'nat', '-S')).not.toContain('CS_EXTNET');
  });

  test('what is deleted afterwards is really gone', async () => {
    await network.deletePortForward(forward);
    expect((await ssh(briefly)).result).not.toBe('open');
  });
});
