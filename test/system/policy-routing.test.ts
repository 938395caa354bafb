import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { briefly } from '../host/patience.js';
import type { Listener } from '../host/probes.js';
import { takeSnapshot } from '../host/snapshot.js';
import { injections } from '../unit/model/injections.js';
import { CustomActions } from './custom-actions.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, internet } from './scene.js';
import { Vpc } from './vpc.js';

const tablesFile = '/etc/netns/cs-net-42/iproute2/rt_tables';

describe('policy routing of a network', () => {
  let host: TestHost;
  let network: Network;
  let actions: CustomActions;
  let guest: Endpoint;
  let other: Endpoint;
  let listeners: Listener[];

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    actions = new CustomActions(host, 42);
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
    // A second provider: the same internet behind another router. It knows the guests, so there is no source NAT on this way.
    await network.assign('198.18.0.10', { vlan: 'vlan://201', gateway: '198.18.0.1', cidr: '198.18.0.10/24' });
    const outside = await attachInternet(host);
    const second = await host.attachOutside(201, { addresses: ['198.18.0.1/24'], loopback: [`${internet}/32`] });
    await second.ipBatch([['route', 'add', network.cidr, 'via', '198.18.0.10']]);
    guest = await attachGuest(host, network, 10, 100);
    other = await attachGuest(host, network, 11, 100);
    listeners = [await outside.listenTcp(80), await second.listenTcp(80)];
  });
  afterAll(async () => {
    for (const listener of listeners ?? []) await listener.close();
    await host?.destroy();
  });

  /** Which way a guest's connection goes: the address it is seen with, or what happens to it. */
  const way = async (from: Endpoint, options = {}) => {
    const { result, seen } = await from.tcp(internet, 80, options);
    return seen?.peer ?? result;
  };
  const inside = (...words: string[]) => host.self.output('ip', 'netns', 'exec', 'cs-net-42', 'ip', ...words);
  const files = async () => await host.tree('/etc/netns');
  const stored = async () => (await host.state())['network-42/policy-routing'];

  test('tables get names in a file of the namespace, which ip uses there', async () => {
    expect(await actions.perform('pbr-create-table', { 'table-id': '100', 'table-name': 'isp2' })).toBe(
      'pbr-create-table: OK 100 isp2\n',
    );
    expect(await actions.perform('pbr-create-table', { id: '100', name: 'isp2' })).toBe(
      'pbr-create-table: exists 100 isp2\n',
    );
    await actions.perform('pbr-create-table', { id: '200', name: 'mgmt' });
    await actions.perform('pbr-create-table', { id: '101', name: 'mgmt' });
    expect(await actions.perform('pbr-list-tables')).toBe('100 isp2\n101 mgmt\n');
    expect((await files())[tablesFile]).toMatchObject({ content: '100 isp2\n101 mgmt\n', mode: 0o644 });
    expect((await files())['/etc/netns/cs-net-42']).toMatchObject({ mode: 0o755 });
  });

  test('without rules guests go out where they went before', async () => {
    await actions.perform('pbr-add-route', { table: 'isp2', route: 'default via 198.18.0.1' });
    expect(await way(guest)).toBe('203.0.113.10');
  });

  test('a rule on the source sends one guest to the other provider', async () => {
    expect(await actions.perform('pbr-add-rule', { table: 'isp2', rule: `from ${guest.address} priority 1000` })).toBe(
      `pbr-add-rule: OK table=isp2 rule=from ${guest.address} priority 1000\n`,
    );
    expect(await way(guest)).toBe(guest.address);
    expect(await way(other)).toBe('203.0.113.10');
  });

  test('lists are what ip shows in the namespace', async () => {
    expect(await actions.perform('pbr-list-routes', { table: 'isp2' })).toBe(
      await inside('route', 'show', 'table', 'isp2'),
    );
    expect(await actions.perform('pbr-list-routes', { table: '100' })).toBe('default via 198.18.0.1 dev vpn-201-42 \n');
    expect(await actions.perform('pbr-list-routes')).toBe(await inside('-4', 'route', 'show', 'table', 'all'));
    expect(await actions.perform('pbr-list-rules')).toBe(await inside('rule', 'show'));
    expect(await actions.perform('pbr-list-rules', { table: 'isp2' })).toBe(
      `1000:\tfrom ${guest.address} lookup isp2\n`,
    );
    expect(await actions.perform('pbr-list-rules', { table: '7' })).toBe('');
  });

  test('again: changes nothing', async () => {
    const before = [
      await takeSnapshot(host),
      await inside('rule', 'show'),
      await inside('route', 'show', 'table', 'all'),
    ];
    await actions.perform('pbr-add-rule', { table: 'isp2', rule: `from ${guest.address} priority 1000` });
    await actions.perform('pbr-add-rule', { table: '100', rule: `from ${guest.address}` });
    await actions.perform('pbr-add-route', { table: '100', route: 'default via 198.18.0.1' });
    expect([
      await takeSnapshot(host),
      await inside('rule', 'show'),
      await inside('route', 'show', 'table', 'all'),
    ]).toEqual(before);
  });

  test('the types of routes without a way do what they say', async () => {
    const set = (type: string) => actions.perform('pbr-add-route', { table: 'isp2', route: `${type} ${internet}` });
    await set('blackhole');
    expect(await way(guest, briefly)).toBe('blocked');
    await set('unreachable');
    expect(await way(guest, briefly)).toBe('unreachable');
    await set('prohibit');
    expect(await way(guest, briefly)).toBe('unreachable');
    expect(await way(other)).toBe('203.0.113.10');
    await actions.perform('pbr-delete-route', { table: 'isp2', route: internet });
    expect(await way(guest)).toBe(guest.address);
  });

  test('a rule on a port, and its opposite', async () => {
    const rule = 'from all ipproto tcp dport 80';
    await actions.perform('pbr-add-rule', { table: 'isp2', rule });
    expect(await way(other)).toBe(other.address);
    await actions.perform('pbr-delete-rule', { table: 'isp2', rule });
    expect(await way(other)).toBe('203.0.113.10');
    await actions.perform('pbr-add-rule', { table: 'isp2', rule: `not to ${network.cidr} priority 900` });
    expect(await way(other)).toBe(other.address);
    await actions.perform('pbr-delete-rule', { table: 'isp2', rule: 'not priority 900' });
    expect(await way(other)).toBe('203.0.113.10');
  });

  test('what the kernel refuses is an error with its words, and leaves nothing', async () => {
    const before = [
      await takeSnapshot(host),
      await inside('rule', 'show'),
      await inside('route', 'show', 'table', 'all'),
    ];
    const add = (route: string) => actions.refusal('pbr-add-route', { table: 'isp2', route });
    expect(await add('10.5.0.0/16 via 192.0.2.77')).toMatch(/Nexthop has invalid gateway/);
    expect(await add('10.5.0.1/16 via 198.18.0.1')).toMatch(/Invalid prefix for given prefix length/);
    expect(await add('10.5.0.0/16 dev eth7')).toMatch(/there is no link "eth7"/);
    expect(await actions.refusal('pbr-add-route', { table: 'nobody', route: 'default via 198.18.0.1' })).toMatch(
      /table "nobody" has no number/,
    );
    expect(await actions.refusal('pbr-list-routes', { table: 'nobody' })).toMatch(/table "nobody" has no number/);
    expect(await actions.refusal('pbr-delete-rule', { table: 'main', rule: 'from all' })).toMatch(/kernel's own/);
    for (const table of ['local', '255']) {
      expect(await actions.refusal('pbr-delete-route', { table, route: '203.0.113.10' })).toMatch(/table local/);
    }
    expect(await actions.refusal('pbr-list-routes', { table: 'unspec' })).toMatch(/table "unspec" has no number/);
    expect([
      await takeSnapshot(host),
      await inside('rule', 'show'),
      await inside('route', 'show', 'table', 'all'),
    ]).toEqual(before);
  });

  test('nothing that would mean something to a shell does anything', async () => {
    const marker = '/etc/injected';
    const texts = [
      ...injections.filter((text) => !text.includes('\0')),
      `default; touch ${marker}`,
      `$(touch ${marker})`,
      `\`touch ${marker}\``,
      `default\ntouch ${marker}`,
      `-batch ${marker}`,
      `default | tee ${marker}`,
    ];
    const before = [
      await takeSnapshot(host),
      await inside('rule', 'show'),
      await inside('route', 'show', 'table', 'all'),
    ];
    for (const text of texts) {
      await actions.refusal('pbr-add-route', { table: 'isp2', route: text });
      await actions.refusal('pbr-delete-rule', { table: 'isp2', rule: text });
      await actions.refusal('pbr-list-rules', { table: text });
      await actions.refusal('pbr-create-table', { id: '300', name: text });
      await actions.refusal(text);
    }
    expect([
      await takeSnapshot(host),
      await inside('rule', 'show'),
      await inside('route', 'show', 'table', 'all'),
    ]).toEqual(before);
    expect(Object.keys(await host.tree('/etc'))).not.toContain(marker);
  });

  test('what was asked for comes back when the namespace was lost', async () => {
    await actions.perform('pbr-add-rule', { table: 'isp2', rule: `to 192.0.2.0/24` });
    await actions.perform('pbr-add-route', { table: '4294967295', route: 'prohibit 10.98.0.0/16' });
    await actions.perform('pbr-add-route', { table: 'mgmt', route: '192.0.2.0/24 via 10.1.1.254 metric 50' });
    expect(await stored()).toBe(
      [
        'route table 100 default via 198.18.0.1',
        'route table 4294967295 prohibit 10.98.0.0/16',
        'route table 101 192.0.2.0/24 via 10.1.1.254 metric 50',
        `rule table 100 priority 1000 from ${guest.address}/32`,
        'rule table 100 priority 999 to 192.0.2.0/24',
        '',
      ].join('\n'),
    );
    const before = [await inside('rule', 'show'), await inside('route', 'show', 'table', 'all')];
    await host.self.output('ip', 'netns', 'delete', 'cs-net-42');
    expect(await actions.refusal('pbr-list-rules')).toMatch(/namespace cs-net-42 does not exist/);
    await network.implement();
    const sorted = (text: string | undefined) => text?.split('\n').sort();
    expect(sorted(await inside('rule', 'show'))).toEqual(sorted(before[0]));
    expect(sorted(await inside('route', 'show', 'table', 'all'))).toEqual(sorted(before[1]));
    expect(await way(guest)).toBe(guest.address);
    expect(await way(other)).toBe('203.0.113.10');
  });

  test('a route whose gateway is gone does not keep the network from coming back', async () => {
    await host.self.output('ip', 'netns', 'exec', 'cs-net-42', 'ip', 'route', 'del', '192.0.2.0/24', 'table', '101');
    const path = `${host.stateDirectory}/network-42/policy-routing`;
    const text = (await stored()) ?? '';
    await host.writeFile(path, `route table 101 10.7.0.0/16 via 192.0.2.77\nnonsense\n${text}`);
    await host.self.output('ip', 'netns', 'delete', 'cs-net-42');
    await network.implement();
    expect(await actions.perform('pbr-list-routes', { table: 'mgmt' })).toBe(
      '192.0.2.0/24 via 10.1.1.254 dev vn-100-42 metric 50 \n',
    );
    expect(await way(guest)).toBe(guest.address);
  });

  test('of a route that is deleted nothing is left, also when its link has taken it with it', async () => {
    await host.self.output('ip', 'netns', 'exec', 'cs-net-42', 'ip', 'route', 'flush', 'table', '101');
    await actions.perform('pbr-delete-route', { table: 'mgmt', route: '192.0.2.0/24' });
    await actions.perform('pbr-delete-route', { table: 'mgmt', route: '192.0.2.0/24' });
    expect(await stored()).not.toContain('192.0.2.0/24 via');
    await network.implement();
    expect(await actions.perform('pbr-list-routes', { table: 'mgmt' })).toBe('');
  });

  test("names of the host's own files are understood, and shown when the namespace has none", async () => {
    await host.writeFile('/etc/iproute2/rt_tables', '# host\n254\tmain\n300 global\n100 other\n');
    await host.writeFile('/etc/iproute2/rt_tables.d/more.conf', '301 added\n');
    await actions.perform('pbr-add-route', { table: 'global', route: 'blackhole 10.1.0.0/16' });
    await actions.perform('pbr-add-route', { table: 'added', route: 'blackhole 10.1.0.0/16' });
    const shown = await actions.perform('pbr-list-routes');
    expect(shown).toContain('blackhole 10.1.0.0/16 table global \n');
    expect(shown).toContain('blackhole 10.1.0.0/16 table added \n');
    expect(shown).toContain('default via 198.18.0.1 dev vpn-201-42 table isp2 \n');
    expect(await actions.perform('pbr-list-tables')).toBe('100 isp2\n101 mgmt\n');
  });

  test('comments and lines of others stay; an empty file goes with its directories', async () => {
    await host.writeFile(tablesFile, '# mine\n100 isp2\n5 five # five\n101 mgmt\n');
    expect(await actions.perform('pbr-delete-table', { 'table-name': 'isp2' })).toBe(
      'pbr-delete-table: OK id=n/a name=isp2\n',
    );
    expect(await actions.perform('pbr-delete-table', { id: '101' })).toBe('pbr-delete-table: OK id=101 name=n/a\n');
    await actions.perform('pbr-delete-table', { id: '101' });
    expect((await files())[tablesFile]?.content).toBe('# mine\n5 five # five\n');
    await host.writeFile(tablesFile, '100 isp2\n');
    await host.writeFile('/etc/netns/other/resolv.conf', 'nameserver 192.0.2.53\n');
    await actions.perform('pbr-delete-table', { id: '100' });
    expect(Object.keys(await files()).filter((path) => path.includes('cs-net-42'))).toEqual([]);
    expect(Object.keys(await files())).toContain('/etc/netns/other/resolv.conf');
  });

  test('shutdown takes routes and rules, destroy the names, too', async () => {
    await actions.perform('pbr-create-table', { id: '100', name: 'isp2' });
    await network.shutdown();
    expect(await stored()).toBeUndefined();
    expect((await files())[tablesFile]?.content).toBe('100 isp2\n');
    await network.implement();
    expect(await actions.perform('pbr-list-rules', { table: 'isp2' })).toBe('');
    await network.shutdown();
    await network.destroy();
    expect(Object.keys(await files()).filter((path) => path.includes('cs-net-42'))).toEqual([]);
  });
});

describe('policy routing of a VPC', () => {
  let host: TestHost;
  const vpc = () => new Vpc(host, { id: 9, cidr: '10.9.0.0/16' });
  const tier = (number: number) =>
    new Network(host, { id: 50 + number, vlan: 99 + number, prefix: `10.9.${number}`, vpcId: 9 });
  const actionsOf = (id: number) =>
    new CustomActions(host, id, { host: '192.0.2.1', namespace: 'cs-vpc-9', vpc_id: '9' });

  beforeAll(async () => {
    host = await createHost();
    await vpc().implement('203.0.113.10');
    await tier(1).implement();
    await tier(2).implement();
  });
  afterAll(() => host?.destroy());

  const content = async () => (await host.state())['vpc-9/policy-routing'];

  test('is asked for through a tier, and belongs to the VPC', async () => {
    const actions = actionsOf(51);
    await actions.perform('pbr-create-table', { id: '100', name: 'vpcpbr' });
    await actions.perform('pbr-add-route', { table: 'vpcpbr', route: 'blackhole 198.51.100.0/24' });
    await actions.perform('pbr-add-route', { table: 'vpcpbr', route: '192.0.2.0/24 via 10.9.2.254' });
    await actions.perform('pbr-add-rule', { table: 'vpcpbr', rule: 'to 198.51.100.0/24' });
    expect(await content()).toContain('rule table 100 priority 32765 to 198.51.100.0/24\n');
    expect(await actionsOf(52).perform('pbr-list-rules', { table: 'vpcpbr' })).toBe(
      '32765:\tfrom all to 198.51.100.0/24 lookup vpcpbr\n',
    );
  });

  test('is refused through a network that is no tier', async () => {
    const before = await takeSnapshot(host);
    expect(await actionsOf(53).refusal('pbr-list-tables')).toMatch(/no tier of VPC 9/);
    expect(await new CustomActions(host, 51).refusal('pbr-create-table', { id: '5', name: 'a' })).toMatch(
      /namespace cs-net-51 does not exist/,
    );
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('comes back with the VPC and its tiers', async () => {
    await host.self.output('ip', 'netns', 'delete', 'cs-vpc-9');
    await vpc().implement('203.0.113.10');
    const rule = '32765:\tfrom all to 198.51.100.0/24 lookup vpcpbr\n';
    await tier(1).implement();
    expect(await actionsOf(51).perform('pbr-list-rules', { table: 'vpcpbr' })).toBe(rule);
    expect(await actionsOf(51).perform('pbr-list-routes', { table: 'vpcpbr' })).toBe('blackhole 198.51.100.0/24 \n');
    // A route through the second tier comes with it.
    await tier(2).implement();
    expect(await actionsOf(51).perform('pbr-list-routes', { table: 'vpcpbr' })).toBe(
      '192.0.2.0/24 via 10.9.2.254 dev vn-101-9 \nblackhole 198.51.100.0/24 \n',
    );
    expect(await actionsOf(51).perform('pbr-list-rules', { table: 'vpcpbr' })).toBe(rule);
  });

  test('stays with the VPC while a tier goes, and goes with the VPC', async () => {
    await tier(2).shutdown();
    await tier(2).destroy();
    expect(await actionsOf(51).perform('pbr-list-rules', { table: 'vpcpbr' })).not.toBe('');
    await tier(1).shutdown();
    await tier(1).destroy();
    await vpc().shutdown();
    expect(Object.keys(await host.tree('/etc/netns'))).not.toContain('/etc/netns/cs-vpc-9');
    expect(await host.state()).toEqual({});
  });
});
