import { describe, expect, it } from 'vitest';
import type { Route } from '../../../src/kernel/route/route.js';
import { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import { type Json, Scene } from '../scene.js';

/** A link `br0` that is up, with an address of either family. */
async function sceneWithLink(): Promise<{ scene: Scene; link: number }> {
  const scene = await Scene.open();
  scene.ip('link set lo up');
  scene.ip('link add br0 up type bridge');
  scene.ip('addr add 192.0.2.1/24 dev br0');
  scene.ip('addr add 192.0.2.9/24 dev br0');
  scene.ip('addr add 2001:db8::1/64 dev br0 nodad');
  return { scene, link: scene.index('br0') };
}

const destination = (text: string): { destination: Route['destination'] } => {
  const [address = '', length] = text.split('/');
  return { destination: { address, length: Number(length) } };
};

type Case = [name: string, route: (link: number) => Omit<Route, 'object'>, list: string, expected: Json];

const cases: Case[] = [
  [
    'through a gateway',
    () => ({ ...destination('10.0.0.0/8'), gateway: '192.0.2.254' }),
    'route show 10.0.0.0/8',
    { dst: '10.0.0.0/8', gateway: '192.0.2.254', dev: 'br0', protocol: 'boot' },
  ],
  [
    'on a link, in a table above 255, with metric and source',
    (link) => ({ ...destination('10.0.0.0/8'), link, table: 100_000, metric: 77, source: '192.0.2.9' }),
    'route show table 100000',
    { dst: '10.0.0.0/8', dev: 'br0', metric: 77, prefsrc: '192.0.2.9', scope: 'link' },
  ],
  [
    'default, on-link, with path MTU and protocol',
    (link) => ({
      destination: 'default',
      gateway: '203.0.113.1',
      link,
      onlink: true,
      mtu: 1300,
      protocol: 'static',
      table: 7,
    }),
    'route show table 7',
    {
      dst: 'default',
      gateway: '203.0.113.1',
      dev: 'br0',
      flags: ['onlink'],
      protocol: 'static',
      metrics: [{ mtu: 1300 }],
    },
  ],
  [
    'blackhole',
    () => ({ ...destination('10.1.0.0/16'), type: 'blackhole' }),
    'route show type blackhole',
    { dst: '10.1.0.0/16' },
  ],
  [
    'unreachable',
    () => ({ ...destination('10.1.0.0/16'), type: 'unreachable' }),
    'route show type unreachable',
    { dst: '10.1.0.0/16' },
  ],
  [
    'prohibit',
    () => ({ ...destination('10.1.0.0/16'), type: 'prohibit', metric: 5 }),
    'route show type prohibit',
    { dst: '10.1.0.0/16', metric: 5 },
  ],
  [
    'of a scope',
    (link) => ({ ...destination('10.2.0.0/16'), link, scope: 'host' }),
    'route show 10.2.0.0/16',
    { dst: '10.2.0.0/16', dev: 'br0', scope: 'host' },
  ],
  [
    'IPv6 through a gateway',
    () => ({ ...destination('2001:db8:1::/48'), gateway: '2001:db8::2', metric: 50, mtu: 1280 }),
    '-6 route show 2001:db8:1::/48',
    { dst: '2001:db8:1::/48', gateway: '2001:db8::2', dev: 'br0', metric: 50, metrics: [{ mtu: 1280 }] },
  ],
  [
    'IPv6 default on a link in a table',
    (link) => ({ destination: 'default', family: 'inet6', link, table: 300 }),
    '-6 route show table 300',
    { dst: 'default', dev: 'br0' },
  ],
  [
    'IPv6 blackhole',
    () => ({ ...destination('2001:db8:2::/48'), type: 'blackhole' }),
    '-6 route show type blackhole',
    { dst: '2001:db8:2::/48' },
  ],
];

describe('routes', () => {
  it.each(cases)('%s: as meant to ip, as written to us, and deleted', async (_, routeOn, list, expected) => {
    const { scene, link } = await sceneWithLink();
    const route: Route = { object: 'route', ...routeOn(link) };
    await scene.route.run(new RouteTransaction().add(route));
    expect(scene.ipJson(list)).toMatchObject([expected]);
    const family = list.startsWith('-6') ? 'inet6' : 'inet';
    const table = route.table ?? 254;
    const read = (await scene.route.routes({ family, table })).filter(
      (one) => JSON.stringify(one.destination) === JSON.stringify(route.destination),
    );
    expect(read).toMatchObject([{ ...route, family, table }]);
    await expect(scene.route.run(new RouteTransaction().add(route))).rejects.toMatchObject({ code: 'EEXIST' });
    await scene.route.run(new RouteTransaction().delete(route));
    expect(scene.ipJson(list)).toEqual([]);
    await expect(scene.route.run(new RouteTransaction().delete(route))).rejects.toMatchObject({ code: 'ESRCH' });
  });

  it('replace takes the place of the one with the same destination, table and metric', async () => {
    const { scene } = await sceneWithLink();
    const route: Route = { object: 'route', ...destination('10.0.0.0/8'), gateway: '192.0.2.2', metric: 5 };
    await scene.route.run(new RouteTransaction().replace(route));
    await scene.route.run(new RouteTransaction().replace({ ...route, gateway: '192.0.2.3' }));
    expect(scene.ipJson('route show 10.0.0.0/8')).toMatchObject([{ gateway: '192.0.2.3', metric: 5 }]);
  });

  it('that ip adds read as meant', async () => {
    const { scene, link } = await sceneWithLink();
    scene.ip('route add 10.0.0.0/8 via 192.0.2.254 dev br0 src 192.0.2.9 metric 9 mtu 1400 proto static table 1000');
    scene.ip('route add default via 203.0.113.1 dev br0 onlink table 1000');
    scene.ip('route add prohibit 10.9.0.0/16 table 1000');
    const inet = { object: 'route', family: 'inet', table: 1000 };
    expect(await scene.route.routes({ family: 'inet', table: 1000 })).toEqual([
      {
        ...inet,
        destination: 'default',
        type: 'unicast',
        scope: 'global',
        protocol: 'boot',
        gateway: '203.0.113.1',
        link,
        onlink: true,
      },
      {
        ...inet,
        ...destination('10.0.0.0/8'),
        type: 'unicast',
        scope: 'global',
        protocol: 'static',
        gateway: '192.0.2.254',
        link,
        source: '192.0.2.9',
        metric: 9,
        mtu: 1400,
      },
      { ...inet, ...destination('10.9.0.0/16'), type: 'prohibit', scope: 'global', protocol: 'boot' },
    ]);
  });

  it('are listed by table and link; a table that never was is empty', async () => {
    const { scene, link } = await sceneWithLink();
    scene.ip('link add other up type bridge');
    scene.ip('addr add 203.0.113.1/24 dev other');
    const main = await scene.route.routes({ family: 'inet', table: 254 });
    expect(main.map((route) => route.destination)).toEqual([
      { address: '192.0.2.0', length: 24 },
      { address: '203.0.113.0', length: 24 },
    ]);
    expect(await scene.route.routes({ family: 'inet', table: 254, link })).toMatchObject([
      { destination: { address: '192.0.2.0', length: 24 }, link, protocol: 'kernel', source: '192.0.2.1' },
    ]);
    expect(await scene.route.routes({ family: 'inet', table: 4711 })).toEqual([]);
    expect(await scene.route.routes({ family: 'inet6', table: 4711 })).toEqual([]);
  });

  it('to an address: the one a packet takes', async () => {
    const { scene, link } = await sceneWithLink();
    scene.ip('route add 10.0.0.0/8 via 192.0.2.254');
    scene.ip('route add blackhole 10.5.0.0/16');
    scene.ip('route add 2001:db8:1::/48 via 2001:db8::2');
    expect(await scene.route.routeTo('10.1.2.3')).toMatchObject({
      ...destination('10.0.0.0/8'),
      gateway: '192.0.2.254',
      link,
    });
    expect(await scene.route.routeTo('2001:db8:1::5')).toMatchObject({
      ...destination('2001:db8:1::/48'),
      gateway: '2001:db8::2',
    });
    expect(await scene.route.routeTo('203.0.113.1')).toBeUndefined();
    const refused = await scene.route.routeTo('10.5.0.1').catch((error: { code: string }) => error.code);
    expect(refused === 'EINVAL' || (typeof refused === 'object' && refused.type === 'blackhole')).toBe(true);
  });

  it('that cannot be are refused in the kernel’s words', async () => {
    const { scene } = await sceneWithLink();
    const route: Route = { object: 'route', ...destination('10.0.0.0/8'), gateway: '203.0.113.1' };
    await expect(scene.route.run(new RouteTransaction().add(route))).rejects.toMatchObject({
      code: 'ENETUNREACH',
      text: 'Nexthop has invalid gateway',
      message:
        'add route 10.0.0.0/8 via 203.0.113.1: network is unreachable (ENETUNREACH): Nexthop has invalid gateway',
    });
  });
});
