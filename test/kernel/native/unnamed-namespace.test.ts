import { closeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { native } from '../../../src/kernel/native.js';
import { RouteSocket } from '../../../src/kernel/route-socket.js';

test('a namespace without a name: new, empty, in no list', async () => {
  const before = await native.listNamespaces();
  const descriptor = await native.createUnnamedNamespace();
  try {
    expect(native.identifyNamespace(descriptor)).not.toEqual(native.identifyNamespace(undefined));
    expect(await native.listNamespaces()).toEqual(before);
    const route = await RouteSocket.open(descriptor);
    expect((await route.links()).map((link) => link.name)).toEqual(['lo']);
    await route.close();
  } finally {
    closeSync(descriptor);
  }
});
