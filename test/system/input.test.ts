/** The namespace's own programs serve guests, and nobody else: to all others it is as if none were there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { briefly } from '../host/patience.js';
import { Network } from './network.js';
import { ingress } from './rules.js';
import { attachGuest, attachInternet, createHost, internet } from './scene.js';

describe('programs in the namespace of a network', () => {
  const publicIp = '203.0.113.10';
  let host: TestHost;
  let network: Network;
  let guest: Endpoint;
  let outside: Endpoint;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    outside = await attachInternet(host);
    guest = await attachGuest(host, network, 10, 100);
    await network.implement();
    await network.assign(publicIp, { sourceNat: true });
    for (const port of [80, 8080]) await network.inside.listenTcp(port);
    await network.inside.listenUdp(53);
    // The way into the network, as a neighbour on the public VLAN would set it to get at the gateway's services.
    await outside.output('ip', 'route', 'add', network.cidr, 'via', publicIp);
  });
  afterAll(() => host?.destroy());

  test('are reached by guests', async () => {
    expect((await guest.tcp(network.gateway, 80)).result).toBe('open');
    expect((await guest.udp(network.gateway, 53)).result).toBe('open');
    expect(await guest.ping(network.gateway)).toBe('answered');
  });

  test('are not reached from outside, neither by the public nor by the inner address', async () => {
    for (const address of [publicIp, network.gateway]) {
      expect((await outside.tcp(address, 80, { from: internet })).result, address).toBe('refused');
      expect((await outside.tcp(address, 8080, { from: internet })).result, address).toBe('refused');
      expect((await outside.udp(address, 53, { from: internet, ...briefly })).result, address).not.toBe('open');
    }
    expect(await outside.ping(publicIp)).toBe('answered');
  });

  test('nor when the firewall lets everything in to the address', async () => {
    await network.applyFirewall([ingress(publicIp, 'all')]);
    expect((await outside.tcp(publicIp, 80, { from: internet })).result).toBe('refused');
    expect(await outside.ping(publicIp)).toBe('answered');
    await network.applyFirewall([]);
    expect((await outside.tcp(publicIp, 80, { from: internet, ...briefly })).result).toBe('blocked');
  });

  test('may open connections themselves', async () => {
    await outside.listenTcp(443);
    await guest.listenTcp(443);
    expect((await network.inside.tcp(internet, 443)).result).toBe('open');
    expect((await network.inside.tcp(guest.address, 443)).result).toBe('open');
  });
});
