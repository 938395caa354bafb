import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CallFile, callDirectory, readCallFile } from '../../host/call-file.js';
import type { Endpoint } from '../../host/endpoint.js';
import { ExpectedFailures } from '../../host/expected-failures.js';
import { TestHost } from '../../host/host.js';
import { ManagementServer } from '../../host/management-server.js';
import { briefly, patience } from '../../host/patience.js';
import { type PlayedCall, play } from '../../host/replay.js';
import { SshServer } from '../../host/ssh-server.js';
import { internet } from '../scene.js';

/** What packets say after a certain call of a sequence. */
interface Checkpoint {
  /** The call's step says so. */
  readonly after: string;
  /** The calls that CloudStack repeats for a restart without clean-up are made again before. */
  readonly isRestarted?: true;
  readonly opens?: readonly [address: string, port: number];
  readonly staysShut?: readonly [address: string, port: number];
  readonly answersPing?: string;
}

interface Story {
  readonly file: string;
  /** Where the recorded calls say the guest is. */
  readonly guest?: { readonly vlan: number; readonly address: string; readonly gateway: string };
  readonly checkpoints: readonly Checkpoint[];
  /** Calls that only take time: their steps say so. */
  readonly skipped?: RegExp;
  /** Namespaces at the end. */
  readonly left: readonly string[];
}

/** The one that leaves something comes last: they are played on one host. */
const stories: readonly Story[] = [
  {
    file: 'isolated-network',
    guest: { vlan: 1204, address: '10.1.1.10', gateway: '10.1.1.1' },
    checkpoints: [
      { after: 'Static NAT 203.0.113.11 to web-1.', staysShut: ['203.0.113.11', 22] },
      { after: 'The user allows SSH to the static NAT IP from one network.', opens: ['203.0.113.11', 22] },
      { after: 'The user allows ping to the static NAT IP.', answersPing: '203.0.113.11' },
      { after: 'Port forward 203.0.113.12:8080 to web-1:80.', isRestarted: true, opens: ['203.0.113.12', 8080] },
      {
        after: 'Static NAT on 203.0.113.11 is disabled: its firewall rules are revoked',
        staysShut: ['203.0.113.11', 22],
      },
      { after: 'Port forward 203.0.113.12:8080 is deleted', staysShut: ['203.0.113.12', 8080] },
    ],
    left: [],
  },
  {
    file: 'vpc-two-tiers',
    guest: { vlan: 1310, address: '10.10.1.10', gateway: '10.10.1.1' },
    checkpoints: [
      { after: 'Port forward 203.0.113.21:22 to app-1', opens: ['203.0.113.21', 22] },
      { after: 'Static NAT 203.0.113.23 to app-1.', opens: ['203.0.113.23', 22] },
      { after: 'The ACL list of tier 1 is replaced by another list that denies SSH.', staysShut: ['203.0.113.23', 22] },
      { after: 'The source NAT IP of the VPC is changed', answersPing: '203.0.113.23' },
    ],
    left: [],
  },
  { file: 'shared-network', checkpoints: [], left: [] },
  {
    file: 'restart-with-cleanup',
    guest: { vlan: 1220, address: '10.1.20.12', gateway: '10.1.20.1' },
    checkpoints: [
      { after: 'Port forward 203.0.113.32:2222 to vm-02:22.', opens: ['203.0.113.32', 2222] },
      { after: 'Restart with cleanup: the network is shut down.', staysShut: ['203.0.113.32', 2222] },
      { after: 'Restart with cleanup: first port forward again.', opens: ['203.0.113.32', 2222] },
    ],
    // Of 20 VMs, four are started one by one.
    skipped: /^VM vm-(?:0[4-9]|1\d) starts/,
    left: ['cs-net-220'],
  },
];

/** Plays CloudStack's recorded calls of one generation through the management server's program and a real sshd on one host. */
export function playStories(generation: 'gen1' | 'gen2'): void {
  describe(`CloudStack's calls of ${generation}, through the management server and SSH`, () => {
    const outsides = new Map<string, Promise<Endpoint>>();
    let host: TestHost;
    let files: Map<string, CallFile>;
    let expected: ExpectedFailures;

    beforeAll(async () => {
      const read = async ({ file, skipped }: Story) => {
        const all = await readCallFile(join(callDirectory, `${file}.${generation}.json`));
        return { ...all, calls: all.calls.filter(({ step }) => skipped?.test(step) !== true) };
      };
      files = new Map(await Promise.all(stories.map(async (story) => [story.file, await read(story)] as const)));
      expected = await ExpectedFailures.read();
      host = await TestHost.create();
      await host.wire.prepare(
        [...files.values()].flatMap(({ host: { guestDevice, guestVlans, publicDevice, publicVlans } }) => [
          ...guestVlans.map((vlan) => ({ device: guestDevice, vlan: Number(vlan) })),
          ...publicVlans.map((vlan) => ({ device: publicDevice, vlan: Number(vlan) })),
        ]),
      );
      await host.install();
      const management = await ManagementServer.install(host, await SshServer.start(host));
      host.callThrough(await management.resident());
    });
    afterAll(() => host?.destroy());

    /** The router of the public VLAN of a file. */
    async function outsideOf({ host: { publicDevice, publicVlans } }: CallFile): Promise<Endpoint> {
      const [vlan = 'untagged'] = publicVlans;
      const key = `${publicDevice} ${vlan}`;
      const options = { addresses: ['203.0.113.1/24'], loopback: [`${internet}/32`] };
      const outside = outsides.get(key) ?? host.attachOutside(vlan, options, publicDevice);
      outsides.set(key, outside);
      return outside;
    }

    test.each(stories)(
      '$file',
      async (story) => {
        const file = files.get(story.file);
        if (file === undefined) throw new Error(`${story.file} was not read`);
        const outside = await outsideOf(file);
        if (story.guest !== undefined) {
          const { vlan, address, gateway } = story.guest;
          const guest = await host.attachGuest(vlan, { addresses: [`${address}/24`], gateway });
          for (const port of [22, 80]) await guest.listenTcp(port);
        }
        const waiting = [...story.checkpoints];
        const complaints: string[] = [];
        const complain = (played: PlayedCall) =>
          complaints.push(
            ...expected.complaints(`${story.file}.${generation}.json`, played).map((text) => tell(played, text)),
            ...strayOutput(played).map((text) => tell(played, text)),
          );
        expect(await chosenHost(host, file)).toEqual(recordedHost(file));
        for await (const played of play(host, file)) {
          complain(played);
          while (waiting[0] !== undefined && played.call.step.includes(waiting[0].after)) {
            const checkpoint = waiting.shift();
            if (checkpoint?.isRestarted) for await (const again of play(host, restartOf(file))) complain(again);
            if (checkpoint !== undefined) await check(checkpoint, outside);
          }
        }
        expect(complaints).toEqual([]);
        expect(waiting.map(({ after }) => after)).toEqual([]);
        expect(await host.namespaces()).toEqual(story.left);
        // The host removes what came along after the answer.
        await host.self.eventually(async () => Object.keys(await host.tree(SshServer.temporary)).length === 0);
        expect(await host.tree(SshServer.temporary)).toEqual({});
      },
      patience(60_000),
    );
  });
}

/** A network's first calls without the sets of rules, which by then would be others (CONTRACT §4.5). */
function restartOf(file: CallFile): CallFile {
  const commands = ['implement-network', 'assign-ip', 'restore-network'];
  const calls = commands.flatMap((command) => file.calls.find(({ argv }) => argv[0] === command) ?? []);
  return { ...file, calls };
}

/** The host that ensure-network-device chooses for the network of a file, which has none yet. */
async function chosenHost(host: TestHost, file: CallFile): Promise<unknown> {
  const { argv = [], files = {} } = file.calls[0] ?? {};
  const { exit, stdout, stderr } = await host.callRaw(
    ['ensure-network-device', ...argv.slice(1)].map(withoutHost),
    mapTexts(files),
  );
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return hostIn(stdout);
}

const recordedHost = ({ calls: [first] }: CallFile) =>
  hostIn([...(first?.argv ?? []), ...Object.values(first?.files ?? {})].join(''));

const hostIn = (text: string) => /"host":"([^"]+)"/.exec(text)?.[1];

/** The details before the first success are empty. */
const withoutHost = (text: string) => text.replace(/"host":"[^"]+",?/, '');

const mapTexts = (files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, withoutHost(text)]));

const tell = ({ index, call }: PlayedCall, text: string) => `${index} ${call.argv[0]}: ${text}`;

/** CloudStack's caller reads stdout and stderr as one: of what has succeeded, nothing may stand there but the answer. */
function strayOutput({ outcome: { exit, stderr } }: PlayedCall): string[] {
  return exit === 0 && stderr !== '' ? [`stderr should be empty: ${JSON.stringify(stderr)}`] : [];
}

async function check({ after, opens, staysShut, answersPing }: Checkpoint, outside: Endpoint): Promise<void> {
  const tcp = async ([address, port]: readonly [string, number], options = {}) =>
    (await outside.tcp(address, port, { from: internet, ...options })).result;
  if (opens !== undefined) expect(await tcp(opens), after).toBe('open');
  if (staysShut !== undefined) expect(await tcp(staysShut, briefly), after).not.toBe('open');
  if (answersPing !== undefined) expect(await outside.ping(answersPing, { from: internet }), after).toBe('answered');
}
