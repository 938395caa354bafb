import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandOptions, TestHost } from '../host/host.js';
import type { Outcome } from '../host/outcome.js';
import { type HostSnapshot, takeSnapshot } from '../host/snapshot.js';
import { Network } from './network.js';
import { createHost } from './scene.js';

/** A network that is there, so that there is something a refused command could damage. */
const settings = { id: 42, vlan: 100 } as const;
/** One that is not there: a refused command must not leave a piece of it. */
const fresh = { id: 43, vlan: 101, prefix: '10.1.2' } as const;
const forward = { publicIp: '203.0.113.10', publicPort: 80, privateIp: '10.1.1.10', privatePort: 80 };

interface BadInput {
  readonly command: string;
  /** The options of a good call, and what is changed in them; undefined takes an option away. */
  readonly changed: Readonly<Record<string, string | undefined>>;
}

const table: readonly BadInput[] = [
  { command: 'implement-network', changed: { 'network-id': undefined } },
  { command: 'implement-network', changed: { 'network-id': '' } },
  { command: 'implement-network', changed: { 'network-id': 'abc' } },
  { command: 'implement-network', changed: { 'network-id': '-1' } },
  { command: 'implement-network', changed: { 'network-id': '../../etc' } },
  { command: 'implement-network', changed: { gateway: '10.1.2.300' } },
  { command: 'implement-network', changed: { gateway: '10.1.2' } },
  { command: 'implement-network', changed: { gateway: '10.1.2.1/24' } },
  { command: 'implement-network', changed: { gateway: '10.1.2.1\nsecond line' } },
  { command: 'implement-network', changed: { cidr: '10.1.2.0/33' } },
  { command: 'implement-network', changed: { cidr: '10.1.2.0' } },
  { command: 'implement-network', changed: { cidr: undefined } },
  { command: 'implement-network', changed: { 'extension-ip': '10.1.2.1/24' } },
  { command: 'implement-network', changed: { 'extension-ip': 'gateway' } },
  { command: 'implement-network', changed: { vlan: '5000' } },
  { command: 'implement-network', changed: { vlan: 'vlan://5000' } },
  { command: 'implement-network', changed: { vlan: '4095' } },
  { command: 'implement-network', changed: { vlan: '0' } },
  { command: 'implement-network', changed: { vlan: '1x' } },
  { command: 'implement-network', changed: { 'vpc-id': 'nine' } },
  { command: 'shutdown-network', changed: { 'network-id': undefined } },
  { command: 'destroy-network', changed: { 'network-id': '4 2' } },
  { command: 'assign-ip', changed: { 'public-ip': undefined } },
  { command: 'assign-ip', changed: { 'public-ip': '203.0.113.300' } },
  { command: 'assign-ip', changed: { 'public-ip': '203.0.113.11/24' } },
  { command: 'assign-ip', changed: { 'public-vlan': '5000' } },
  { command: 'assign-ip', changed: { 'public-vlan': '' } },
  { command: 'assign-ip', changed: { 'public-gateway': '203.0.113' } },
  { command: 'assign-ip', changed: { 'public-cidr': '203.0.113.11/40' } },
  { command: 'assign-ip', changed: { 'source-nat': 'perhaps' } },
  { command: 'release-ip', changed: { 'public-ip': '203.0.113' } },
  { command: 'add-static-nat', changed: { 'public-ip': '' } },
  { command: 'add-static-nat', changed: { 'private-ip': '' } },
  { command: 'add-static-nat', changed: { 'private-ip': '10.1.1.0/24' } },
  { command: 'add-static-nat', changed: { 'private-ip': '10.1.1.256' } },
  { command: 'delete-static-nat', changed: { 'public-ip': 'all' } },
  { command: 'add-port-forward', changed: { 'public-port': '70000' } },
  { command: 'add-port-forward', changed: { 'public-port': '0' } },
  { command: 'add-port-forward', changed: { 'public-port': 'http' } },
  { command: 'add-port-forward', changed: { 'public-port': '10-5' } },
  { command: 'add-port-forward', changed: { 'public-port': '10:5' } },
  { command: 'add-port-forward', changed: { 'public-port': '80-70000' } },
  { command: 'add-port-forward', changed: { 'public-port': undefined } },
  { command: 'add-port-forward', changed: { 'private-port': '70000' } },
  { command: 'add-port-forward', changed: { 'private-port': '10-5' } },
  { command: 'add-port-forward', changed: { 'private-ip': '10.1.1.10/32' } },
  { command: 'add-port-forward', changed: { 'private-ip': '' } },
  { command: 'add-port-forward', changed: { protocol: 'carrier-pigeon' } },
  { command: 'delete-port-forward', changed: { 'public-port': '70000' } },
  { command: 'delete-port-forward', changed: { protocol: 'carrier-pigeon' } },
];

describe('bad input', () => {
  let host: TestHost;
  let before: HostSnapshot;

  beforeAll(async () => {
    host = await createHost();
    const network = new Network(host, settings);
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
    await network.addStaticNat('203.0.113.10', '10.1.1.10');
    await network.addPortForward({ ...forward, publicPort: 8080 });
    before = await takeSnapshot(host);
  });
  afterAll(() => host?.destroy());

  function goodOptions(command: string): CommandOptions {
    const network = new Network(host, settings);
    switch (command) {
      case 'implement-network':
        return new Network(host, fresh).implementOptions();
      case 'shutdown-network':
      case 'destroy-network':
        return { 'network-id': settings.id, vlan: settings.vlan };
      case 'assign-ip':
      case 'release-ip':
        return network.addressOptions('203.0.113.11');
      case 'add-static-nat':
      case 'delete-static-nat':
        return network.staticNatOptions('203.0.113.10', '10.1.1.10');
      default:
        return network.forwardOptions(forward);
    }
  }

  async function expectRefusal(answer: Outcome, ...named: readonly string[]): Promise<void> {
    const changed = await changes();
    expect(changed?.after).toEqual(changed?.before);
    expect(answer).toMatchObject({ exit: 1, stdout: '', heldOpen: false });
    expect(answer.stderr).toMatch(/^[^\n]+\n$/);
    for (const text of named) expect(answer.stderr).toContain(text);
    expect(answer.stderr).not.toContain('FAKE-host-password');
  }

  /** What is different since the last look, so that one case that changes something does not fail the cases after it. */
  async function changes(): Promise<{ before: HostSnapshot; after: HostSnapshot } | undefined> {
    const after = await takeSnapshot(host);
    const last = before;
    before = after;
    return isDeepStrictEqual(last, after) ? undefined : { before: last, after };
  }

  const titled = table.map((entry) => {
    const [option = '', value] = Object.entries(entry.changed)[0] ?? [];
    return {
      ...entry,
      option,
      value,
      title: `${entry.command} with ${value === undefined ? 'no' : JSON.stringify(value)} ${option}`,
    };
  });

  test.each(titled)('$title', async ({ command, changed, option, value }) => {
    const options = Object.entries({ ...goodOptions(command), ...changed }).filter(([, text]) => text !== undefined);
    const answer = await host.call(command, Object.fromEntries(options.map(([name, text]) => [name, String(text)])));
    // A line break in a value must not become one in the message: its first line is enough.
    await expectRefusal(answer, option, value?.split('\n', 1)[0] ?? '');
  });

  test('an unknown command', async () => {
    await expectRefusal(await host.call('make-coffee', { 'network-id': 42 }), 'make-coffee', 'nknown command');
  });

  test('no command', async () => {
    await expectRefusal(await host.callRaw([]), 'command');
  });

  test('an option without its value', async () => {
    await expectRefusal(await host.callRaw(['shutdown-network', '--network-id']), 'network-id');
  });

  test('a kernel without 802.1Q and a VLAN whose link is not there: says so and leaves nothing', async (context) => {
    if (host.realVlans) context.skip('this kernel has 802.1Q');
    const network = new Network(host, { ...fresh, vlan: 999 });
    await expectRefusal(await host.call('implement-network', network.implementOptions()), '802.1Q', '999');
    const assign = new Network(host, settings).addressOptions('203.0.113.11', { vlan: 'vlan://998' });
    await expectRefusal(await host.call('assign-ip', assign), '802.1Q', '998');
  });

  test('a refusal is in the log', async () => {
    await host.call('implement-network', { ...goodOptions('implement-network'), vlan: '4999' });
    // The log may be written after the answer was given.
    const isLogged = async () =>
      (await host.tree('/var/log/cloudstack'))[host.logFile]?.content?.includes('4999') === true;
    expect(await host.self.eventually(isLogged)).toBe(true);
  });
});
