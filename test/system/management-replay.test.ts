import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { callDirectory, readCallFile } from '../host/call-file.js';
import type { Endpoint } from '../host/endpoint.js';
import { ExpectedFailures } from '../host/expected-failures.js';
import { TestHost } from '../host/host.js';
import { ManagementServer } from '../host/management-server.js';
import { briefly, patience } from '../host/patience.js';
import { hostFor, play } from '../host/replay.js';
import { SshServer } from '../host/ssh-server.js';
import { Network } from './network.js';
import { internet } from './scene.js';
import { Vpc } from './vpc.js';

/** What packets say, and on which call of a sequence they are sent. */
interface Checkpoint {
  /** The call's step says so. */
  readonly after: string;
  readonly opens?: readonly [address: string, port: number];
  readonly staysShut?: readonly [address: string, port: number];
  readonly answersPing?: string;
}

interface Story {
  /** Where the recorded calls say the guest is; its address stands in the calls, too. */
  readonly guest: { readonly vlan: number; readonly address: string; readonly gateway: string };
  readonly outsideVlan: number;
  readonly checkpoints: readonly Checkpoint[];
  /** Namespaces at the end. */
  readonly left: readonly string[];
}

const stories: Readonly<Record<string, Story>> = {
  'isolated-network': {
    guest: { vlan: 1204, address: '10.1.1.10', gateway: '10.1.1.1' },
    outsideVlan: 101,
    checkpoints: [
      { after: 'Static NAT 203.0.113.11 to web-1.', staysShut: ['203.0.113.11', 22] },
      { after: 'The user allows SSH to the static NAT IP from one network.', opens: ['203.0.113.11', 22] },
      { after: 'The user allows ping to the static NAT IP.', answersPing: '203.0.113.11' },
      { after: 'Port forward 203.0.113.12:8080 to web-1:80.', opens: ['203.0.113.12', 8080] },
      {
        after: 'Static NAT on 203.0.113.11 is disabled: its firewall rules are revoked',
        staysShut: ['203.0.113.11', 22],
      },
      { after: 'Port forward 203.0.113.12:8080 is deleted', staysShut: ['203.0.113.12', 8080] },
    ],
    left: [],
  },
  'vpc-two-tiers': {
    guest: { vlan: 1310, address: '10.10.1.10', gateway: '10.10.1.1' },
    outsideVlan: 110,
    checkpoints: [
      { after: 'Port forward 203.0.113.21:22 to app-1', opens: ['203.0.113.21', 22] },
      { after: 'Static NAT 203.0.113.23 to app-1.', opens: ['203.0.113.23', 22] },
      { after: 'The ACL list of tier 1 is replaced by another list that denies SSH.', staysShut: ['203.0.113.23', 22] },
      { after: 'The source NAT IP of the VPC is changed', answersPing: '203.0.113.23' },
    ],
    left: [],
  },
  'restart-with-cleanup': {
    guest: { vlan: 1220, address: '10.1.20.12', gateway: '10.1.20.1' },
    outsideVlan: 101,
    checkpoints: [
      { after: 'Port forward 203.0.113.32:2222 to vm-02:22.', opens: ['203.0.113.32', 2222] },
      { after: 'Restart with cleanup: the network is shut down.', staysShut: ['203.0.113.32', 2222] },
      { after: 'Restart with cleanup: first port forward again.', opens: ['203.0.113.32', 2222] },
    ],
    left: ['cs-net-220'],
  },
  'shared-network': {
    guest: { vlan: 1215, address: '10.1.15.10', gateway: '10.1.15.1' },
    outsideVlan: 101,
    checkpoints: [],
    left: [],
  },
};

describe('calls of CloudStack, through the management server and SSH', () => {
  let host: TestHost | undefined;
  let management: ManagementServer;

  async function start(made: TestHost): Promise<TestHost> {
    host = made;
    await host.install();
    management = await ManagementServer.install(host, await SshServer.start(host));
    host.callThrough(await management.resident());
    return host;
  }
  afterEach(async () => {
    await host?.destroy();
    host = undefined;
  });

  const names = Object.keys(stories).flatMap((name) => [`${name}.gen1`, `${name}.gen2`]);
  test.each(names.filter((name) => existsSync(join(callDirectory, `${name}.json`)) && isSpoken(name)))(
    '%s',
    async (name) => {
      const story = stories[name.replace(/\.gen\d$/, '')];
      if (story === undefined) throw new Error(`no story of ${name}`);
      const file = await readCallFile(join(callDirectory, `${name}.json`));
      const expected = await ExpectedFailures.read();
      const host = await start(await hostFor(file));
      const { vlan, address, gateway } = story.guest;
      const guest = await host.attachGuest(vlan, { addresses: [`${address}/24`], gateway });
      const outside = await host.attachOutside(story.outsideVlan, {
        addresses: ['203.0.113.1/24'],
        loopback: [`${internet}/32`],
      });
      for (const port of [22, 80]) await guest.listenTcp(port);
      const waiting = [...story.checkpoints];
      const complaints: string[] = [];
      for await (const played of play(host, file)) {
        complaints.push(
          ...expected
            .complaints(`${name}.json`, played)
            .map((text) => `${played.index} ${played.call.argv[0]}: ${text}`),
        );
        if (played.outcome.exit === 0 && played.outcome.stderr !== '')
          complaints.push(`${played.index}: ${played.outcome.stderr}`);
        while (waiting[0] !== undefined && played.call.step.includes(waiting[0].after))
          await check(waiting.shift(), outside);
      }
      expect(complaints).toEqual([]);
      expect(waiting.map(({ after }) => after)).toEqual([]);
      expect(await host.namespaces()).toEqual(story.left);
      expect(await host.tree(SshServer.temporary)).toEqual({});
    },
    patience(60_000),
  );

  test('networks and VPCs end in every order, and each call says nothing', async () => {
    const host = await start(await TestHost.create({ guestVlans: [100, 101, 102], publicVlans: [200] }));
    const alone = new Network(host, { id: 42, vlan: 100 });
    const vpc = new Vpc(host, { id: 9, cidr: '10.9.0.0/16' });
    const tiers = [101, 102].map((vlan) => new Network(host, { id: vlan, vlan, prefix: `10.9.${vlan}`, vpcId: 9 }));
    const orders: readonly (readonly (() => Promise<unknown>)[])[] = [
      [() => alone.shutdown(), () => alone.release('203.0.113.10'), () => alone.destroy()],
      [() => alone.destroy()],
      [() => alone.destroy(), () => alone.shutdown(''), () => alone.release('203.0.113.10')],
      [() => vpc.shutdown(), ...tiers.map((tier) => () => tier.destroy()), () => vpc.shutdown()],
      [...tiers.map((tier) => () => tier.destroy()), () => vpc.shutdown()],
      [...tiers.flatMap((tier) => [() => tier.shutdown(), () => tier.destroy()]), () => vpc.shutdown()],
    ];
    for (const [index, order] of orders.entries()) {
      if (index < 3) {
        await alone.implement();
        await alone.assign('203.0.113.10', { sourceNat: true });
      } else {
        await vpc.implement('203.0.113.20');
        for (const tier of tiers) await tier.implement();
      }
      for (const call of order) await call();
      expect(await host.namespaces(), `order ${index}`).toEqual([]);
      expect(Object.keys(await host.state()), `order ${index}`).toEqual([]);
    }
  });
});

/** Generation 2 is played as soon as the host's program understands it. */
function isSpoken(name: string): boolean {
  return name.endsWith('.gen1');
}

async function check(checkpoint: Checkpoint | undefined, outside: Endpoint): Promise<void> {
  if (checkpoint === undefined) return;
  const { after, opens, staysShut, answersPing } = checkpoint;
  if (opens !== undefined)
    expect((await outside.tcp(opens[0], opens[1], { from: internet })).result, after).toBe('open');
  if (staysShut !== undefined)
    expect((await outside.tcp(staysShut[0], staysShut[1], { from: internet, ...briefly })).result, after).not.toBe(
      'open',
    );
  if (answersPing !== undefined) expect(await outside.ping(answersPing, { from: internet }), after).toBe('answered');
}
