/**
 * Rule sets are replaced while packets come as fast as they can: no instant may be without rules (a packet from a forbidden source would
 * pass), and none without the allowed ones (a connection attempt would have to be repeated, a connection would break).
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import type { Machine } from '../host/machine.js';
import { patience, timeFactor } from '../host/patience.js';
import { Network } from './network.js';
import { type FirewallRule, ingress } from './rules.js';
import { attachGuest, attachInternet, createHost } from './scene.js';

const publicIp = '203.0.113.10';
const friend = '198.51.100.9';
const stranger = '192.0.2.66';
/** Fewer where each takes a second. */
const replacements = Math.ceil(200 / timeFactor);
const size = 1000;
const script = '/run/traffic.py';
const stop = '/run/traffic.stop';
/** The server goes on until nobody calls it any more. */
const serverStop = '/run/server.stop';

const served = z.object({ tcp: z.record(z.string(), z.number()), udp: z.record(z.string(), z.number()) });
const allowed = z.object({ exchanges: z.number(), connections: z.number(), failures: z.array(z.string()) });
const forbidden = z.object({ datagrams: z.number(), attempts: z.number(), connected: z.number() });

/** A thousand rules, others each time: hosts, networks, ports and ranges, one of which lets the friend in and none the stranger. */
function ruleSet(round: number): FirewallRule[] {
  const friends = [[friend], [`${friend}/32`], ['198.51.100.0/24'], ['198.0.0.0/8', '10.0.0.0/8']][round % 4] ?? [];
  const from = friends.map((network) => (network.includes('/') ? network : `${network}/32`));
  const ports: readonly (number | readonly [number, number])[] = [8080, [8000, 8100], [8080, 8081], [1, 65535]];
  const rules = ['tcp', 'udp'].map((protocol) =>
    ingress(publicIp, protocol, { ports: ports[(round >> 2) % 4] ?? 8080, from }),
  );
  while (rules.length < size) {
    const number = rules.length * 7 + round * 13;
    const port = 1000 + (number % 6000);
    const range: readonly [number, number] = [port, port + (number % 50) + 1];
    const network = `172.${16 + (number % 16)}.${number % 256}.0/${number % 3 === 0 ? 24 : 28}`;
    rules.push(
      ingress(publicIp, number % 2 === 0 ? 'tcp' : 'udp', {
        ports: number % 5 === 0 ? range : port,
        from: number % 4 === 0 ? [network, `10.${number % 250}.0.0/16`] : [network],
      }),
    );
  }
  return rules;
}

describe('replacing a thousand rules under traffic', () => {
  let host: TestHost;
  let network: Network;
  let guest: Endpoint;
  let outside: Endpoint;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 70, vlan: 100 });
    outside = await attachInternet(host);
    await outside.output('ip', 'address', 'add', `${stranger}/32`, 'dev', 'lo');
    guest = await attachGuest(host, network, 10, 100);
    await network.implement();
    await network.applyFirewall(ruleSet(0));
    await network.assign(publicIp);
    await network.addStaticNat(publicIp, guest.address);
    await host.writeFile(script, readFileSync(new URL('replacement/traffic.py', import.meta.url), 'utf8'));
  });
  afterAll(() => host?.destroy());

  async function traffic<Shape extends z.ZodType>(
    machine: Machine,
    shape: Shape,
    ...words: readonly string[]
  ): Promise<z.output<Shape>> {
    const [role = '', ...rest] = words;
    const outcome = await machine.run(['python3', script, role, role === 'serve' ? serverStop : stop, ...rest], {
      deadline: 280_000,
      environment: { CSN_TRAFFIC_PATIENCE: String(patience(10)) },
    });
    if (outcome.exit !== 0) throw new Error(`${role}: ${outcome.stderr}`);
    return shape.parse(JSON.parse(outcome.stdout));
  }

  const isUnderWay = (sign: string) =>
    vi.waitFor(async () => expect((await host.self.run(['test', '-e', sign])).exit).toBe(0), {
      timeout: patience(10_000),
      interval: 20,
    });

  test(`${replacements} times: nothing forbidden passes, nothing allowed breaks`, { timeout: 300_000 }, async () => {
    const server = traffic(guest, served, 'serve', guest.address);
    await isUnderWay(`${serverStop}.serve`);
    const friendly = traffic(outside, allowed, 'allowed', friend, publicIp);
    const strange = traffic(outside, forbidden, 'forbidden', stranger, publicIp);
    await isUnderWay(`${stop}.allowed`);
    await isUnderWay(`${stop}.forbidden`);
    try {
      for (let round = 1; round <= replacements; round++) await network.applyFirewall(ruleSet(round));
    } finally {
      await host.writeFile(stop, '');
    }
    const [friendResult, strangerResult] = await Promise.all([friendly, strange]);
    await host.writeFile(serverStop, '');
    const seen = await server;
    expect(friendResult.failures).toEqual([]);
    expect(strangerResult.connected).toBe(0);
    expect(Object.keys(seen.tcp)).toEqual([friend]);
    expect(Object.keys(seen.udp)).toEqual([]);
    // The traffic was worth something: every replacement met packets of both.
    expect(friendResult.connections).toBeGreaterThan(replacements);
    expect(strangerResult.datagrams + strangerResult.attempts).toBeGreaterThan(replacements * 10);
  });

  test('the allowed source is let in by UDP, too, and the forbidden one is once a rule says so', async () => {
    await guest.listenUdp(8081);
    await network.applyFirewall([ingress(publicIp, 'udp', { ports: 8081, from: [`${stranger}/32`] })]);
    expect((await outside.udp(publicIp, 8081, { from: stranger })).result).toBe('open');
  });
});
