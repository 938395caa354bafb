import { describe, expect, it } from 'vitest';
import { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import { Scene } from '../scene.js';

describe('the number of another namespace', () => {
  it('is given by us and shown by ip', async () => {
    const [scene, other] = [await Scene.open(), await Scene.open()];
    const descriptor = other.descriptor();
    expect(await scene.route.namespaceId(descriptor)).toBeUndefined();
    expect(await scene.route.namespaceIds()).toEqual([]);
    await scene.route.run(new RouteTransaction().add({ object: 'namespaceId', descriptor, id: 42 }));
    expect(scene.ipJson('netns list-id')).toEqual([{ nsid: 42, name: other.name }]);
    expect(await scene.route.namespaceId(descriptor)).toBe(42);
    expect(await scene.route.namespaceIds()).toEqual([42]);
    await expect(
      scene.route.run(new RouteTransaction().add({ object: 'namespaceId', descriptor })),
    ).rejects.toMatchObject({ code: 'EEXIST', subject: 'id of a namespace' });
  });

  it('is chosen by the kernel when none is said', async () => {
    const [scene, other] = [await Scene.open(), await Scene.open()];
    const descriptor = other.descriptor();
    await scene.route.run(new RouteTransaction().add({ object: 'namespaceId', descriptor }));
    expect(await scene.route.namespaceId(descriptor)).toBe(0);
  });

  it('is given by ip and read by us', async () => {
    const [scene, other] = [await Scene.open(), await Scene.open()];
    scene.ip(`netns set ${other.name} 7`);
    expect(await scene.route.namespaceId(other.descriptor())).toBe(7);
  });
});
