import { describe, expect, it } from 'vitest';
import type { Address } from '../../../src/kernel/route/address.js';
import { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import { Scene } from '../scene.js';

/** A link that is down, so that the kernel adds no address of its own; addresses of narrower scopes are listed first. */
async function sceneWithLink(): Promise<{ scene: Scene; link: number }> {
  const scene = await Scene.open();
  scene.ip('link add br0 type bridge');
  return { scene, link: scene.index('br0') };
}

const listed = (scene: Scene, options = ''): unknown[] =>
  scene.ipJson(`${options}addr show dev br0`)[0]?.addr_info as unknown[];

describe('addresses', () => {
  it('of IPv4 that we add are as meant', async () => {
    const { scene, link } = await sceneWithLink();
    const address: Address = { object: 'address', link, address: '192.0.2.1', prefix: 24, broadcast: '192.0.2.255' };
    const host: Address = { object: 'address', link, address: '198.51.100.1', prefix: 32, scope: 'link' };
    await scene.route.run(new RouteTransaction().add(address).add(host));
    expect(listed(scene)).toMatchObject([
      { family: 'inet', local: '198.51.100.1', prefixlen: 32, scope: 'link' },
      { family: 'inet', local: '192.0.2.1', prefixlen: 24, broadcast: '192.0.2.255', scope: 'global' },
    ]);
    expect(await scene.route.addresses({ link, family: 'inet' })).toEqual([
      { ...host, label: 'br0' },
      { ...address, scope: 'global', label: 'br0' },
    ]);
  });

  it('have a label of their own', async () => {
    const { scene, link } = await sceneWithLink();
    const address: Address = { object: 'address', link, address: '192.0.2.1', prefix: 32, label: 'metadata' };
    await scene.route.run(new RouteTransaction().add(address));
    expect(listed(scene)).toMatchObject([{ local: '192.0.2.1', label: 'metadata' }]);
    expect(await scene.route.addresses({ link, family: 'inet' })).toEqual([{ ...address, scope: 'global' }]);
    await scene.route.run(new RouteTransaction().delete(address));
    expect(listed(scene)).toEqual([]);
  });

  it('of IPv6 that we add are as meant', async () => {
    const { scene, link } = await sceneWithLink();
    const address: Address = { object: 'address', link, address: '2001:db8::1', prefix: 64 };
    await scene.route.run(new RouteTransaction().add(address));
    expect(listed(scene)).toMatchObject([{ family: 'inet6', local: '2001:db8::1', prefixlen: 64, scope: 'global' }]);
    expect(await scene.route.addresses({ link })).toEqual([{ ...address, scope: 'global' }]);
  });

  it('that exist are refused by add and taken by replace', async () => {
    const { scene, link } = await sceneWithLink();
    const address: Address = { object: 'address', link, address: '192.0.2.1', prefix: 24 };
    await scene.route.run(new RouteTransaction().add(address));
    await expect(scene.route.run(new RouteTransaction().add(address))).rejects.toMatchObject({
      code: 'EEXIST',
      subject: `address 192.0.2.1/24 on link with index ${link}`,
    });
    await scene.route.run(new RouteTransaction().replace(address));
    expect(listed(scene)).toHaveLength(1);
  });

  it('are deleted', async () => {
    const { scene, link } = await sceneWithLink();
    scene.ip('addr add 192.0.2.1/24 dev br0');
    scene.ip('addr add 192.0.2.2/24 dev br0');
    scene.ip('addr add 2001:db8::1/64 dev br0');
    await scene.route.run(
      new RouteTransaction()
        .delete({ object: 'address', link, address: '192.0.2.2', prefix: 24 })
        .delete({ object: 'address', link, address: '2001:db8::1', prefix: 64 }),
    );
    expect(listed(scene)).toMatchObject([{ local: '192.0.2.1' }]);
    await expect(
      scene.route.run(new RouteTransaction().delete({ object: 'address', link, address: '192.0.2.2', prefix: 24 })),
    ).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('that ip adds read as meant, by link and by family', async () => {
    const { scene, link } = await sceneWithLink();
    scene.ip('link add other type bridge');
    scene.ip('addr add 192.0.2.1/24 broadcast 192.0.2.255 dev br0');
    scene.ip('addr add 10.0.0.1/8 dev br0 scope host');
    scene.ip('addr add 2001:db8::1/64 dev br0');
    scene.ip('addr add 203.0.113.1/24 dev other');
    expect(await scene.route.addresses({ link })).toEqual([
      { object: 'address', link, address: '10.0.0.1', prefix: 8, scope: 'host', label: 'br0' },
      {
        object: 'address',
        link,
        address: '192.0.2.1',
        prefix: 24,
        broadcast: '192.0.2.255',
        scope: 'global',
        label: 'br0',
      },
      { object: 'address', link, address: '2001:db8::1', prefix: 64, scope: 'global' },
    ]);
    const all = async (family: 'inet' | 'inet6') => (await scene.route.addresses({ family })).map((one) => one.address);
    expect(await all('inet')).toEqual(['10.0.0.1', '192.0.2.1', '203.0.113.1']);
    expect(await all('inet6')).toEqual(['2001:db8::1']);
  });
});
