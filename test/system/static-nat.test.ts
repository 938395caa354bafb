import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { briefly } from '../host/patience.js';
import type { Listener } from '../host/probes.js';
import { takeSnapshot } from '../host/snapshot.js';
import { Network } from './network.js';
import { attachGuest, attachInternet, createHost, internet, trimmed } from './scene.js';

describe('add-static-nat and delete-static-nat', () => {
  let host: TestHost;
  let network: Network;
  let guest: Endpoint;
  let other: Endpoint;
  let outside: Endpoint;
  let listeners: Listener[];

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
    await network.assign('203.0.113.11');
    outside = await attachInternet(host);
    guest = await attachGuest(host, network, 10, 100);
    other = await attachGuest(host, network, 11, 100);
    listeners = [
      await outside.listenTcp(80),
      await guest.listenTcp(22),
      await guest.listenUdp(53),
      await other.listenTcp(22),
    ];
  });
  afterAll(async () => {
    for (const listener of listeners ?? []) await listener.close();
    await host?.destroy();
  });

  const seenOutside = async (from: Endpoint) => (await from.tcp(internet, 80)).seen?.peer;
  const fromOutside = (port: number, options = {}) => outside.tcp('203.0.113.11', port, { from: internet, ...options });

  test('before: the address leads nowhere, the guest has the source NAT address', async () => {
    expect((await fromOutside(22, briefly)).result).not.toBe('open');
    expect(await seenOutside(guest)).toBe('203.0.113.10');
  });

  test('leads the address to the guest, which sees the true client', async () => {
    await network.addStaticNat('203.0.113.11', guest.address);
    expect(await fromOutside(22)).toMatchObject({
      result: 'open',
      seen: { peer: internet, local: guest.address, localPort: 22 },
    });
    expect(await outside.udp('203.0.113.11', 53, { from: internet })).toMatchObject({
      result: 'open',
      seen: { peer: internet },
    });
    expect((await fromOutside(23)).result).toBe('refused');
    expect(trimmed(await host.state())).toMatchObject({ 'network-42/static-nat/203.0.113.11': guest.address });
  });

  test('the guest is seen from its own public address, the other one from the source NAT address', async () => {
    expect(await seenOutside(guest)).toBe('203.0.113.11');
    expect(await seenOutside(other)).toBe('203.0.113.10');
  });

  test('again: changes nothing', async () => {
    const before = await takeSnapshot(host);
    await network.addStaticNat('203.0.113.11', guest.address);
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('the source NAT address keeps going to the namespace', async () => {
    expect(await outside.ping('203.0.113.10', { from: internet })).toBe('answered');
    expect((await outside.tcp('203.0.113.10', 22, { from: internet, ...briefly })).result).not.toBe('open');
  });

  test('stays in front of source NAT when the addresses are sent again', async () => {
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
    await network.assign('203.0.113.11');
    expect(await seenOutside(guest)).toBe('203.0.113.11');
    expect((await fromOutside(22)).result).toBe('open');
  });

  test('added with another private address: moves, and its connections end', async () => {
    const connection = await outside.connect('203.0.113.11', 22, { from: internet });
    expect(await connection.exchange()).toBe('answered');
    await network.addStaticNat('203.0.113.11', other.address, '');
    expect(await fromOutside(22)).toMatchObject({ result: 'open', seen: { local: other.address } });
    expect(await seenOutside(other)).toBe('203.0.113.11');
    expect(await seenOutside(guest)).toBe('203.0.113.10');
    expect(await connection.exchange()).not.toBe('answered');
    expect(trimmed(await host.state())).toMatchObject({ 'network-42/static-nat/203.0.113.11': other.address });
    await network.addStaticNat('203.0.113.11', guest.address);
    expect(await fromOutside(22)).toMatchObject({ result: 'open', seen: { local: guest.address } });
  });

  test('one address is not another that begins like it', async () => {
    await network.assign('203.0.113.110');
    await network.addStaticNat('203.0.113.110', other.address);
    await network.deleteStaticNat('203.0.113.110', '');
    expect((await fromOutside(22)).result).toBe('open');
    await network.release('203.0.113.110');
    expect((await fromOutside(22)).result).toBe('open');
    expect(await seenOutside(guest)).toBe('203.0.113.11');
  });

  test('deleted: the address leads nowhere, its connections end, the guest has the source NAT address again', async () => {
    const inward = await outside.connect('203.0.113.11', 22, { from: internet });
    expect(await inward.exchange()).toBe('answered');
    await network.deleteStaticNat('203.0.113.11', '', '');
    expect(await inward.exchange()).not.toBe('answered');
    expect((await fromOutside(22, briefly)).result).not.toBe('open');
    expect(await seenOutside(guest)).toBe('203.0.113.10');
    expect(Object.keys(await host.state()).filter((path) => path.includes('static-nat/'))).toEqual([]);
    // The address itself stays assigned.
    expect((await network.inside.addresses())['vpn-200-42']).toContain('203.0.113.11/24');
  });

  test('deleted again: succeeds and changes nothing', async () => {
    const before = await takeSnapshot(host);
    await network.deleteStaticNat('203.0.113.11', guest.address);
    await network.deleteStaticNat('203.0.113.99', '');
    expect(await takeSnapshot(host)).toEqual(before);
  });
});
