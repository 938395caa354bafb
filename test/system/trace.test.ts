import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../host/host.js';
import { Network } from './network.js';
import { createHost } from './scene.js';

describe('where the time goes', () => {
  let host: TestHost;
  let network: Network;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    await network.assign('203.0.113.10', { sourceNat: true });
  });
  afterAll(() => host?.destroy());

  const forward = (publicPort: number) =>
    network.forwardOptions({ publicIp: '203.0.113.10', publicPort, privateIp: '10.1.1.10', privatePort: 22 });

  test('--trace tells the stages of a command on stderr', async () => {
    const { exit, stdout, stderr } = await host.callRaw([
      ...host.callArguments('add-port-forward', forward(2201)),
      '--trace',
    ]);
    expect([exit, stdout]).toEqual([0, '']);
    const stages = stderr.matchAll(/^trace: (\w+) +(\d+) µs$/gm);
    const microseconds = new Map([...stages].map(([, stage, time]) => [stage, Number(time)]));
    expect([...microseconds.keys()]).toEqual([
      'client',
      'parse',
      'queue',
      'plan',
      'encode',
      'kernel',
      'services',
      'state',
      'whole',
    ]);
    expect(stderr.trim().split('\n')).toHaveLength(9);
    // Each of these was work; and none took longer than all of it.
    for (const stage of ['client', 'kernel', 'state']) expect(microseconds.get(stage)).toBeGreaterThan(0);
    const whole = microseconds.get('whole') ?? 0;
    for (const time of microseconds.values()) expect(time).toBeLessThanOrEqual(whole);
  });

  test('metrics count what was done, by command and by stage', async () => {
    await host.call('add-port-forward', { ...forward(2202), 'public-port': 70_000 });
    const text = await host.self.output('/usr/lib/cloudstack-netns/cloudstack-netns.js', 'metrics');
    const value = (sample: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${sample} `))
          ?.split(' ')[1],
      );
    expect(value('cloudstack_netns_command_seconds_count{command="add-port-forward",result="done"}')).toBe(1);
    expect(value('cloudstack_netns_command_seconds_count{command="add-port-forward",result="failed"}')).toBe(1);
    for (const stage of ['client', 'parse', 'queue', 'plan', 'kernel', 'state']) {
      expect(value(`cloudstack_netns_stage_seconds_count{stage="${stage}"}`)).toBe(3);
    }
  });
});
