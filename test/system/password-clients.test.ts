import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { entry } from './guest-http.js';
import { setGuestPassword } from './guest-password.js';
import { Network } from './network.js';
import { attachGuest, createHost } from './scene.js';

describe('CloudStack’s script for passwords in guests', () => {
  let host: TestHost;
  let network: Network;
  let one: Endpoint;
  let other: Endpoint;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100] });
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    one = await attachGuest(host, network, 10, 100);
    other = await attachGuest(host, network, 11, 100);
  });
  afterAll(() => host?.destroy());

  const start = (guest: Endpoint) => setGuestPassword(guest, network.gateway);
  const kept = async () => (await host.state())['network-42/passwords'];

  test.each(['wget', 'curl', 'busybox wget'] as const)(
    'sets a password once, at the first start after it was made: %s',
    async (client) => {
      await network.savePassword('10.1.1.10', 'p"w`1$ü');
      expect(await setGuestPassword(one, network.gateway, client)).toEqual({ set: 'p"w`1$ü' });
      expect(await setGuestPassword(one, network.gateway, client)).toBe('nothing to set');
      expect(await kept()).toBeUndefined();
    },
  );

  test('sets the newest when it was changed before the guest had asked, and again when it is changed afterwards', async () => {
    await network.savePassword('10.1.1.10', 'first');
    await network.savePassword('10.1.1.10', 'second');
    expect(await start(one)).toEqual({ set: 'second' });
    expect(await start(one)).toBe('nothing to set');
    await network.savePassword('10.1.1.10', 'third');
    expect(await start(one)).toEqual({ set: 'third' });
    expect(await start(one)).toBe('nothing to set');
  });

  test('that died before it said so is told the password again', async () => {
    await network.savePassword('10.1.1.10', 'again');
    const asked = ['wget', '-q', '-O', '-', '--header', 'DomU_Request: send_my_password', `${network.gateway}:8080`];
    expect(await one.output(...asked)).toBe('again');
    expect(await start(one)).toEqual({ set: 'again' });
  });

  test('two guests get each its own, whoever asks first, also side by side', async () => {
    for (let round = 0; round < 5; round++) {
      await network.savePassword('10.1.1.10', `one ${round}`);
      await network.savePassword('10.1.1.11', `other ${round}`);
      const outcomes = await Promise.all([start(one), start(other)]);
      expect(outcomes).toEqual([{ set: `one ${round}` }, { set: `other ${round}` }]);
    }
    await network.savePassword('10.1.1.11', 'kept');
    expect(await start(one)).toBe('nothing to set');
    expect(await kept()).toBe('10.1.1.11=kept\n');
    expect(await start(other)).toEqual({ set: 'kept' });
  });

  test('a guest without a password sets none, also where nobody has ever had one', async () => {
    const fresh = await attachGuest(host, network, 12, 100);
    expect(await start(fresh)).toBe('nothing to set');
    await fresh.remove();
  });

  test('a start with vm_data brings the password, a start without leaves what is kept, another VM gets nothing', async () => {
    const vm = (id: string) => entry('metadata', 'instance-id', id);
    await network.saveVmData('10.1.1.10', [vm('a'), entry('password', 'vm_password', 'of a')]);
    await network.saveVmData('10.1.1.10', [vm('a')]);
    expect(await start(one)).toEqual({ set: 'of a' });
    await network.saveVmData('10.1.1.10', [vm('a'), entry('password', 'vm_password', 'of a')]);
    await network.saveVmData('10.1.1.10', [vm('b')]);
    expect(await start(one)).toBe('nothing to set');
  });

  test('asked in words it does not know, the server says so and keeps the password', async () => {
    await network.savePassword('10.1.1.10', 'kept');
    for (const what of ['DomU_Request: save_password', 'DomU_Request:', 'X-Other: send_my_password']) {
      const { exit, stdout } = await one.run(['wget', '-q', '-O', '-', '--header', what, `${network.gateway}:8080`]);
      expect({ exit, stdout }, what).toEqual({ exit: 0, stdout: 'bad_request' });
    }
    expect(await start(one)).toEqual({ set: 'kept' });
  });
});
