import { describe, expect, it } from 'vitest';
import type { KernelError } from '../../../src/kernel/errors.js';
import type { NewLink } from '../../../src/kernel/route/link.js';
import { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import { Scene } from '../scene.js';

const bridge = (name: string, properties: Partial<NewLink> = {}): NewLink => ({
  object: 'link',
  name,
  kind: { kind: 'bridge' },
  ...properties,
});
const veth = (name: string, peer: string, properties: Partial<NewLink> = {}): NewLink => ({
  object: 'link',
  name,
  kind: { kind: 'veth', peer: { name: peer } },
  ...properties,
});

describe('links we make, as ip sees them', () => {
  it('a veth pair in one message, its properties and its peer’s', async () => {
    const scene = await Scene.open();
    await scene.route.run(
      new RouteTransaction().add({
        object: 'link',
        name: 'left',
        kind: {
          kind: 'veth',
          peer: { name: 'right', address: '02:00:00:00:00:02', mtu: 1300, group: 9, index: 77 },
        },
        up: true,
        mtu: 1400,
        address: '02:00:00:00:00:01',
        group: 7,
        index: 55,
      }),
    );
    const [left] = scene.ipJson('link show dev left');
    expect(left).toMatchObject({
      ifindex: 55,
      link: 'right',
      mtu: 1400,
      address: '02:00:00:00:00:01',
      group: '7',
      linkinfo: { info_kind: 'veth' },
    });
    expect(left?.flags).toContain('UP');
    const [right] = scene.ipJson('link show dev right');
    expect(right).toMatchObject({ ifindex: 77, mtu: 1300, address: '02:00:00:00:00:02', group: '9' });
    expect(right?.flags).not.toContain('UP');
  });

  it('a veth pair whose peer is made in another namespace', async () => {
    const [scene, other] = [await Scene.open(), await Scene.open()];
    const peer = { name: 'inside', namespaceDescriptor: other.descriptor() };
    await scene.route.run(
      new RouteTransaction().add({ object: 'link', name: 'outside', kind: { kind: 'veth', peer } }),
    );
    expect(scene.ipJson('link show type veth').map(({ ifname }) => ifname)).toEqual(['outside']);
    expect(other.ipJson('link show type veth').map(({ ifname }) => ifname)).toEqual(['inside']);
    const [outside] = scene.ipJson('link show dev outside');
    expect(outside?.link_index).toBe(other.index('inside'));
    const link = await scene.route.link('outside');
    expect(link).toMatchObject({ parent: other.index('inside'), parentNamespaceId: outside?.link_netnsid });
    expect(link?.parentNamespaceId).toBeGreaterThanOrEqual(0);
  });

  it('a bridge with its options and its ports', async () => {
    const scene = await Scene.open();
    const options = {
      forwardDelay: 400,
      ageingTime: 6000,
      stpState: 1,
      multicastSnooping: 0,
    } as const;
    await scene.route.run(
      new RouteTransaction().add(bridge('br0', { kind: { kind: 'bridge', ...options }, up: true, index: 20 })),
    );
    await scene.route.run(
      new RouteTransaction()
        .add(veth('port', 'end', { master: 20 }))
        .change({ object: 'link', name: 'end', master: 20 }),
    );
    expect(scene.ipJson('link show dev br0')).toMatchObject([
      {
        linkinfo: {
          info_kind: 'bridge',
          info_data: { forward_delay: 400, ageing_time: 6000, stp_state: 1, mcast_snooping: 0 },
        },
      },
    ]);
    expect(scene.ipJson('link show master br0').map(({ ifname }) => ifname)).toEqual(['end', 'port']);
    await scene.route.run(new RouteTransaction().change({ object: 'link', name: 'port', master: 0 }));
    expect(scene.ipJson('link show master br0').map(({ ifname }) => ifname)).toEqual(['end']);
  });

  // The build machine's kernel has none of these; its refusal must be told. The VM's has them all.
  it.each([
    ['dummy', { kind: 'dummy' }, 'type dummy', {}],
    [
      'vlan',
      { kind: 'vlan', id: 7, parent: 20 },
      'link br0 type vlan id 7',
      { link: 'br0', linkinfo: { info_data: { id: 7, protocol: '802.1Q' } } },
    ],
    [
      'bridge',
      { kind: 'bridge', vlanFiltering: 1 },
      'type bridge vlan_filtering 1',
      { linkinfo: { info_data: { vlan_filtering: 1 } } },
    ],
  ] as const)('a %s link %j, or the refusal of a kernel without them', async (name, kind, ip, expected) => {
    const scene = await Scene.open();
    await scene.route.run(new RouteTransaction().add(bridge('br0', { index: 20, up: true })));
    const errors = await scene.route.attempt(
      new RouteTransaction().add({ object: 'link', name: 'new', kind, mtu: 1280, up: true }),
    );
    if (errors.length > 0) {
      expect(errors).toMatchObject([{ code: 'EOPNOTSUPP', verb: 'add', subject: `link new (${name})`, index: 0 }]);
      if (name !== 'bridge') expect(errors[0]?.text).toBe('Unknown device type');
      expect(() => scene.ip(`link add other ${ip}`)).toThrow(/Unknown device type|not supported/);
      return;
    }
    expect(scene.ipJson('link show dev new')).toMatchObject([{ mtu: 1280, ...expected }]);
    expect(await scene.route.link('new')).toMatchObject({
      kind: name,
      up: true,
      ...(name === 'vlan' ? { vlan: 7, parent: 20 } : {}),
    });
  });
});

describe('links are changed', () => {
  it('up and down, mtu, address, group, and nothing that is not given', async () => {
    const scene = await Scene.open();
    scene.ip('link add br0 mtu 1400 address 02:00:00:00:00:01 group 3 type bridge');
    const flags = () => scene.ipJson('link show dev br0')[0]?.flags as string[];
    await scene.route.run(new RouteTransaction().change({ object: 'link', name: 'br0', up: true }));
    expect(flags()).toContain('UP');
    expect(scene.ipJson('link show dev br0')).toMatchObject([{ mtu: 1400, address: '02:00:00:00:00:01', group: '3' }]);
    const change = { mtu: 1450, address: '02:00:00:00:00:05', group: 8 };
    await scene.route.run(new RouteTransaction().change({ object: 'link', index: scene.index('br0'), ...change }));
    expect(scene.ipJson('link show dev br0')).toMatchObject([{ mtu: 1450, address: '02:00:00:00:00:05', group: '8' }]);
    expect(flags()).toContain('UP');
    await scene.route.run(new RouteTransaction().change({ object: 'link', name: 'br0', up: false }));
    expect(flags()).not.toContain('UP');
  });

  it('their name, by index', async () => {
    const scene = await Scene.open();
    scene.ip('link add old0 type bridge');
    const index = scene.index('old0');
    await scene.route.run(new RouteTransaction().change({ object: 'link', index, newName: 'new0' }));
    expect(scene.index('new0')).toBe(index);
    expect(await scene.route.link('old0')).toBeUndefined();
  });

  it('their namespace', async () => {
    const [scene, other] = [await Scene.open(), await Scene.open()];
    scene.ip('link add east type veth peer name west');
    const change = { object: 'link', name: 'west', namespaceDescriptor: other.descriptor() } as const;
    await scene.route.run(new RouteTransaction().change(change));
    expect(await scene.route.link('west')).toBeUndefined();
    expect(other.ipJson('link show dev west')).toHaveLength(1);
  });
});

describe('links are deleted', () => {
  it('by name, by index, and all of a group with one message', async () => {
    const scene = await Scene.open();
    for (const name of ['east', 'west', 'north']) scene.ip(`link add ${name} type bridge`);
    const grouped = new RouteTransaction();
    for (let count = 0; count < 20; count++) grouped.add(veth(`v${count}`, `w${count}`, { group: 4711 }));
    await scene.route.run(grouped);
    expect(scene.ipJson('link show group 4711')).toHaveLength(20);
    const transaction = new RouteTransaction()
      .delete({ object: 'link', name: 'east' })
      .delete({ object: 'link', index: scene.index('west') })
      .delete({ object: 'link', inGroup: 4711 });
    expect(transaction.operations).toHaveLength(3);
    await scene.route.run(transaction);
    expect(scene.ipJson('link show').map(({ ifname }) => ifname)).toEqual(['lo', 'north']);
  });

  it('or it is said that there is none', async () => {
    const scene = await Scene.open();
    await expect(
      scene.route.run(new RouteTransaction().delete({ object: 'link', name: 'none' })),
    ).rejects.toMatchObject({
      code: 'ENODEV',
      message: 'delete link none: no such device (ENODEV)',
    });
  });
});

describe('links ip made, as we see them', () => {
  it('one by name or index, or undefined', async () => {
    const scene = await Scene.open();
    scene.ip('link add br0 mtu 1400 address 02:00:00:00:00:01 group 3 index 30 type bridge');
    scene.ip(
      'link add east index 31 mtu 1300 address 02:00:00:00:00:03 master br0 up type veth peer name west index 32',
    );
    const east = {
      index: 31,
      name: 'east',
      up: true,
      flags: expect.any(Number),
      mtu: 1300,
      address: '02:00:00:00:00:03',
      master: 30,
      group: 0,
      kind: 'veth',
      vlan: undefined,
      parent: 32,
      parentNamespaceId: undefined,
    };
    expect(await scene.route.link('east')).toEqual(east);
    expect(await scene.route.link(31)).toEqual(east);
    expect(await scene.route.link('br0')).toMatchObject({ up: false, group: 3, kind: 'bridge', mtu: 1300 });
    expect(await scene.route.link('lo')).toMatchObject({ index: 1, kind: undefined });
    expect(await scene.route.link('none')).toBeUndefined();
    expect(await scene.route.link(99)).toBeUndefined();
  });

  it('all of them, those of a kind, those of a bridge', async () => {
    const scene = await Scene.open();
    scene.ip('link add br0 index 30 type bridge');
    scene.ip('link add east master br0 type veth peer name west');
    const names = async (filter?: { kind?: string; master?: number }) =>
      (await scene.route.links(filter)).map(({ name }) => name).sort();
    expect(await names()).toEqual(['br0', 'east', 'lo', 'west']);
    expect(await names({ kind: 'veth' })).toEqual(['east', 'west']);
    expect(await names({ master: 30 })).toEqual(['east']);
    expect(await names({ kind: 'bridge', master: 30 })).toEqual([]);
  });

  it('a thousand of them, whole', async () => {
    const scene = await Scene.open();
    const transaction = new RouteTransaction();
    for (let count = 0; count < 500; count++) transaction.add(veth(`v${count}`, `w${count}`, { group: 5 }));
    await scene.route.run(transaction);
    expect(await scene.route.links({ kind: 'veth' })).toHaveLength(1000);
    await scene.route.run(new RouteTransaction().delete({ object: 'link', inGroup: 5 }));
    expect(await scene.route.links()).toHaveLength(1);
  });
});

describe('a rtnetlink transaction', () => {
  it('goes on after what fails, and says which it was', async () => {
    const scene = await Scene.open();
    const transaction = new RouteTransaction()
      .add(bridge('east'))
      .add(bridge('east'))
      .delete({ object: 'link', name: 'none' })
      .add(bridge('west'));
    const error = await scene.route.run(transaction).then(
      () => undefined,
      (reason: KernelError) => reason,
    );
    expect(error).toMatchObject({ index: 1, code: 'EEXIST', verb: 'add', subject: 'link east (bridge)' });
    expect(error?.others).toMatchObject([{ index: 2, code: 'ENODEV', subject: 'link none' }]);
    expect(scene.ipJson('link show').map(({ ifname }) => ifname)).toEqual(['lo', 'east', 'west']);
    expect((await scene.route.attempt(transaction)).map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });

  it('are looked at in the same send, as they are afterwards', async () => {
    const scene = await Scene.open();
    const transaction = new RouteTransaction()
      .add(bridge('br0', { index: 20 }))
      .add(bridge('br0', { index: 21 }))
      .add(bridge('br1', { index: 22, up: true }));
    const { failures, links } = await scene.route.attemptThenLook(transaction, ['br1', 'br0', 'br2']);
    expect(failures).toMatchObject([{ code: 'EEXIST', index: 1 }]);
    expect([...(links ?? [])].map(([name, { index, up }]) => [name, index, up])).toEqual([
      ['br1', 22, true],
      ['br0', 20, false],
    ]);
    const { failures: none, links: known } = await scene.route.attemptThenLook(new RouteTransaction(), []);
    expect([none, known?.size]).toEqual([[], 0]);
  });

  it('tell by one end of a pair where the other is', async () => {
    const scene = await Scene.open();
    const other = await Scene.open();
    const peer = { name: 'inner', namespaceDescriptor: other.descriptor() };
    const { links } = await scene.route.attemptThenLook(
      new RouteTransaction().add({ object: 'link', name: 'outer', kind: { kind: 'veth', peer }, up: true }),
      ['outer'],
    );
    const inner = await other.route.link('inner');
    expect(inner?.up).toBe(false);
    expect(links?.get('outer')).toMatchObject({
      up: true,
      parent: inner?.index,
      parentNamespaceId: expect.any(Number),
    });
  });

  it('names the attribute the kernel points at, with its words', async () => {
    const scene = await Scene.open();
    scene.ip('link add br0 type bridge');
    const change = new RouteTransaction().change({ object: 'link', name: 'br0', mtu: 1 });
    await expect(scene.route.run(change)).rejects.toMatchObject({
      code: 'EINVAL',
      text: 'mtu less than device minimum',
    });
    const address = new RouteTransaction().add({
      object: 'address',
      link: scene.index('br0'),
      address: '192.0.2.1',
      prefix: 40,
    });
    await expect(scene.route.run(address)).rejects.toMatchObject({ code: 'EINVAL', verb: 'add' });
  });

  it('can be encoded without being sent', async () => {
    const scene = await Scene.open();
    const { RouteSocket } = await import('../../../src/kernel/route-socket.js');
    expect(RouteSocket.encode(new RouteTransaction().add(bridge('east'))).length).toBeGreaterThan(32);
    expect(() => RouteSocket.encode(new RouteTransaction().add(bridge('a-name-of-20-letters')))).toThrow(
      expect.objectContaining({ code: 'ERR_NETLINK_ENCODE', operation: 0, path: 'name' }),
    );
    expect(await scene.route.links()).toHaveLength(1);
  });
});
