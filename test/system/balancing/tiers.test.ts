import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../host/endpoint.js';
import type { TestHost } from '../../host/host.js';
import { briefly } from '../../host/patience.js';
import { Network } from '../network.js';
import { acl } from '../rules.js';
import { attachGuest, attachInternet, createHost, internet } from '../scene.js';
import { processesNamed, servicePid } from '../service-processes.js';
import { Vpc } from '../vpc.js';
import { balancer, load, revoked, startWebServer } from './web.js';

const [firstIp, secondIp] = ['203.0.113.20', '203.0.113.21'] as const;

describe('load balancers of the tiers of a VPC', () => {
  let host: TestHost;
  let vpc: Vpc;
  let one: Network;
  let other: Network;
  let outside: Endpoint;
  const guests: Record<string, Endpoint> = {};

  beforeAll(async () => {
    host = await createHost();
    vpc = new Vpc(host, { id: 9, cidr: '10.9.0.0/16' });
    one = new Network(host, { id: 51, vlan: 100, prefix: '10.9.1', vpcId: 9 });
    other = new Network(host, { id: 52, vlan: 101, prefix: '10.9.2', vpcId: 9 });
    await vpc.implement('203.0.113.10');
    await one.implement();
    await other.implement();
    await one.assign(firstIp);
    await other.assign(secondIp);
    outside = await attachInternet(host);
    for (const [network, vlan] of [
      [one, 100],
      [other, 101],
    ] as const) {
      const guest = await attachGuest(host, network, 10, vlan);
      await startWebServer(guest);
      guests[guest.address] = guest;
    }
    await one.applyBalancing([balancer(31, firstIp, ['10.9.1.10'])]);
    await other.applyBalancing([balancer(32, secondIp, ['10.9.2.10'])]);
  });
  afterAll(() => host?.destroy());

  const answers = async (publicIp: string) => (await load(outside, `${publicIp}:80`, 2, internet)).answers;
  const fromOutside = async (publicIp: string) =>
    (await outside.tcp(publicIp, 80, { from: internet, ...briefly })).result;
  const fromTier = async (guest: string, publicIp: string) => (await guests[guest]?.tcp(publicIp, 80, briefly))?.result;
  // The web server says nothing until it is asked.
  const isThere = (result: string | undefined) => result !== 'blocked' && result !== 'refused';

  test('each serves its own tier', async () => {
    expect(await answers(firstIp)).toEqual({ '10.9.1.10': 2 });
    expect(await answers(secondIp)).toEqual({ '10.9.2.10': 2 });
    expect(await processesNamed(host, 'haproxy')).toHaveLength(2);
  });

  test('one address and port have one rule, whichever tier it is of', async () => {
    const outcome = await host.call('apply-lb-rules', one.balancingOptions([balancer(33, secondIp, ['10.9.1.10'])]));
    expect(outcome.exit).toBe(1);
    expect(outcome.stderr).toContain(`rule 33: ${secondIp}:80 is taken by rule 32`);
    const same = await host.call('apply-lb-rules', one.balancingOptions([balancer(32, firstIp, ['10.9.1.10'])]));
    expect(same.stderr).toContain('rule 32: it is a rule of network 52');
    await one.applyBalancing([revoked(balancer(32, secondIp, []))]);
    expect(await answers(secondIp)).toEqual({ '10.9.2.10': 2 });
  });

  test("the tier's ACL decides about its clients, by the guests' port", async () => {
    await other.applyAcl([acl(10, 'allow', 'ingress', 'tcp', { ports: 80 }), acl(20, 'allow', 'egress', 'all')]);
    expect(await fromOutside(secondIp)).toBe('blocked');
    expect(await answers(firstIp)).toEqual({ '10.9.1.10': 2 });
    await other.applyAcl([
      acl(10, 'allow', 'ingress', 'tcp', { ports: [8000, 8100], cidrs: ['198.51.100.0/24'] }),
      acl(20, 'allow', 'egress', 'all'),
    ]);
    expect(await answers(secondIp)).toEqual({ '10.9.2.10': 2 });
    expect(isThere(await fromTier('10.9.1.10', secondIp))).toBe(false);
    await other.applyAcl([
      acl(5, 'deny', 'ingress', 'tcp', { ports: 8080, cidrs: ['198.51.100.9/32'] }),
      acl(10, 'allow', 'ingress', 'all'),
      acl(20, 'allow', 'egress', 'all'),
    ]);
    expect(await fromOutside(secondIp)).toBe('blocked');
    expect(isThere(await fromTier('10.9.1.10', secondIp))).toBe(true);
    await other.applyAcl([acl(10, 'allow', 'ingress', 'all'), acl(20, 'allow', 'egress', 'all')]);
    expect(await answers(secondIp)).toEqual({ '10.9.2.10': 2 });
  });

  test('an ACL that closes it ends connections that are open', async () => {
    for (const guest of Object.values(guests)) await guest.listenTcp(22);
    await other.applyBalancing([balancer(34, secondIp, ['10.9.2.10'], { publicPort: 2222, privatePort: 22 })]);
    const connection = await outside.connect(secondIp, 2222, { from: internet });
    expect(await connection.exchange()).toBe('answered');
    await other.applyAcl([acl(10, 'allow', 'ingress', 'tcp', { ports: 8080 }), acl(20, 'allow', 'egress', 'all')]);
    expect(await connection.exchange()).not.toBe('answered');
    expect(await answers(secondIp)).toEqual({ '10.9.2.10': 2 });
  });

  test('a tier that ends takes its own along and no other', async () => {
    const pid = await servicePid(host, other, 'haproxy');
    await one.shutdown();
    await one.destroy();
    expect(await processesNamed(host, 'haproxy')).toEqual([pid]);
    expect(await answers(secondIp)).toEqual({ '10.9.2.10': 2 });
    expect(await fromOutside(firstIp)).not.toBe('open');
  });

  test('the VPC that ends takes all along', async () => {
    await vpc.shutdown();
    expect(await processesNamed(host, 'haproxy')).toEqual([]);
    expect(Object.keys(await host.state()).filter((path) => path.includes('haproxy'))).toEqual([]);
  });
});
