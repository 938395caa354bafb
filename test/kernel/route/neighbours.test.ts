import { describe, expect, it } from 'vitest';
import type { Neighbour } from '../../../src/kernel/route/neighbour.js';
import { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import { Scene } from '../scene.js';

const NUD_REACHABLE = 0x2;
const NUD_PERMANENT = 0x80;

/** Links that are down: nothing but us makes entries. */
async function sceneWithLinks(): Promise<{ scene: Scene; link: number; other: number }> {
  const scene = await Scene.open();
  scene.ip('link add br0 type bridge');
  scene.ip('link add other type bridge');
  return { scene, link: scene.index('br0'), other: scene.index('other') };
}

describe('neighbours', () => {
  it('we add, replace and delete are as meant', async () => {
    const { scene, link } = await sceneWithLinks();
    const four: Neighbour = { object: 'neighbour', link, destination: '192.0.2.7', address: '02:00:00:00:00:07' };
    const six: Neighbour = { object: 'neighbour', link, destination: '2001:db8::7', address: '02:00:00:00:00:08' };
    await scene.route.run(new RouteTransaction().add(four).add(six));
    expect(
      scene.ipJson('neigh show dev br0 nud permanent').sort((a, b) => `${a.dst}`.length - `${b.dst}`.length),
    ).toEqual([
      { dst: '192.0.2.7', lladdr: '02:00:00:00:00:07', state: ['PERMANENT'] },
      { dst: '2001:db8::7', lladdr: '02:00:00:00:00:08', state: ['PERMANENT'] },
    ]);
    await expect(scene.route.run(new RouteTransaction().add(four))).rejects.toMatchObject({ code: 'EEXIST' });
    await scene.route.run(
      new RouteTransaction().replace({ ...four, address: '02:00:00:00:00:09', state: NUD_REACHABLE }).delete(six),
    );
    expect(scene.ipJson('neigh show dev br0 to 192.0.2.7')).toMatchObject([
      { lladdr: '02:00:00:00:00:09', state: ['REACHABLE'] },
    ]);
    expect(await scene.route.neighbours({ family: 'inet', link })).toEqual([
      { ...four, address: '02:00:00:00:00:09', state: NUD_REACHABLE },
    ]);
    expect(scene.ipJson('-6 neigh show dev br0 nud permanent')).toEqual([]);
  });

  it('that ip adds read as meant, filtered by link', async () => {
    const { scene, link, other } = await sceneWithLinks();
    scene.ip('neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 dev br0');
    scene.ip('neigh add 192.0.2.8 lladdr 02:00:00:00:00:08 dev other');
    const entry = (on: number, end: number): Neighbour => ({
      object: 'neighbour',
      link: on,
      destination: `192.0.2.${end}`,
      address: `02:00:00:00:00:0${end}`,
      state: NUD_PERMANENT,
    });
    expect(await scene.route.neighbours({ family: 'inet', link })).toEqual([entry(link, 7)]);
    expect(await scene.route.neighbours({ family: 'inet', link: other })).toEqual([entry(other, 8)]);
    expect(await scene.route.neighbours({ family: 'inet' })).toHaveLength(2);
    expect(await scene.route.neighbour(link, '192.0.2.7')).toEqual(entry(link, 7));
    expect(await scene.route.neighbour(link, '192.0.2.8')).toBeUndefined();
    expect(await scene.route.neighbour(link, '2001:db8::1')).toBeUndefined();
  });
});
