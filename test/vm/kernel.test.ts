import { release } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestHost } from '../host/host.js';
import { briefly } from '../host/patience.js';

/** The VM must be what the other tests in it take it for; else they would prove nothing that was not proven outside. */
describe('the VM', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await TestHost.create({ guestVlans: [100] });
  });
  afterAll(() => host.destroy());

  test("runs a distribution's kernel", () => {
    expect(release()).toMatch(/-amd64$|-generic$|\.el\d/);
  });

  test('has 802.1Q, so that a test host has no VLAN link beforehand', async () => {
    expect(host.realVlans).toBe(true);
    expect(await host.self.link('eth1.100')).toBeUndefined();
  });

  test('tags packets on the way between host and wire', async () => {
    await host.self.ipBatch([
      ['link', 'add', 'link', 'eth1', 'name', 'eth1.100', 'type', 'vlan', 'id', '100'],
      ['address', 'add', '10.0.0.1/24', 'dev', 'eth1.100'],
      ['link', 'set', 'eth1.100', 'up'],
    ]);
    const tagged = await host.attachGuest(100, { addresses: ['10.0.0.2/24'] });
    const untagged = await host.attachGuest('untagged', { addresses: ['10.0.0.3/24'] });
    expect(await tagged.ping('10.0.0.1')).toBe('answered');
    expect(await untagged.ping('10.0.0.1', briefly)).not.toBe('answered');
  });
});
