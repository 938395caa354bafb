import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestHost } from '../../../test/host/host.js';
import { ManagementServer } from '../../../test/host/management-server.js';
import { projectRoot } from '../../../test/host/project-root.js';
import { SshServer, sshHosts } from '../../../test/host/ssh-server.js';
import { Network } from '../../../test/system/network.js';
import { callMeasurements } from '../call-measurements.js';
import { rest } from '../lifecycle.js';
import type { Goal, Measurement, Section } from '../measurement.js';
import { Schedule } from '../schedule.js';

const labels: Readonly<Record<string, string>> = {
  node: 'node, an empty program',
  start: "the entry program's own start",
  ssh: 'ssh host true, shared connection there',
  floor: 'the two together, one after the other',
  'host-program': 'add-port-forward on the host itself',
  'add-port-forward': 'add-port-forward',
  'apply-fw-rules': 'apply-fw-rules, with a file',
  'ensure-network-device': 'ensure-network-device',
  four: 'apply-fw-rules by four fresh connections',
};

const single = ['node', 'start', 'ssh', 'floor', 'host-program', 'four'];
const goal: Goal = { kind: 'times-floor', factor: 1.3 };

/**
 * A call's whole way: the management server's program, ssh, the host's program.
 *
 * @param disk becomes the host's /var/lib/cloudstack
 */
export async function measureSsh(disk: string, quick: boolean): Promise<Section> {
  const host = await TestHost.create({ guestVlans: [100], publicVlans: [200], stateDisk: disk });
  try {
    await host.install();
    const server = await SshServer.start(host);
    const management = await ManagementServer.install(host, server);
    const schedule = await scheduleOf(host, management, disk, quick);
    const runs = await schedule.run(host, disk, 1, management.environment);
    const isOwn = (id: string) => !single.includes(id);
    const measurements = callMeasurements(runs, labels, (id) => (isOwn(id) ? goal : undefined), Object.keys(labels));
    return sectionOf(measurements.map((one) => (isOwn(one.id) ? { ...one, floor: 'floor' } : one)));
  } finally {
    await host.destroy();
  }
}

async function scheduleOf(
  host: TestHost,
  management: ManagementServer,
  disk: string,
  quick: boolean,
): Promise<Schedule> {
  const network = new Network(host, { id: 42, vlan: 100 });
  await network.implement();
  await network.assign('203.0.113.10', { sourceNat: true });
  const address = sshHosts[0];
  const [key, rules] = [join(disk, 'key'), join(disk, 'rules')];
  await writeFile(key, management.details().sshkey ?? '', { mode: 0o600 });
  const set = { default_egress_allow: true, cidr: network.cidr, rules: [] };
  await writeFile(rules, Buffer.from(JSON.stringify(set)).toString('base64'));

  const ensure = management.callArguments('ensure-network-device', {
    'network-id': 42,
    'current-details': `{"host":"${address}","namespace":"cs-net-42"}`,
  });
  const made = await management.callRaw(ensure);
  if (made.exit !== 0) throw new Error('ensure-network-device failed');
  const control = (await host.self.output('sh', '-c', `ls ${ManagementServer.directory}/*-0`)).trim();
  const ssh = ['/usr/bin/ssh', '-F', 'none', '-T', '-o', `ControlPath=${control}`, '--', address, 'true'];
  const both = ['/bin/sh', '-c', '"$0" --version >/dev/null; exec "$@"', management.entry, ...ssh];
  const rulesOptions = { 'network-id': 42, vlan: 100, gateway: network.gateway, cidr: network.cidr };
  const script = join(projectRoot, 'scripts/bench/ssh/four-connections.sh');
  const sent = host.callArguments('apply-fw-rules', rulesOptions);

  const schedule = new Schedule();
  const turns = quick ? 6 : 60;
  for (let turn = 0; turn < turns; turn++) {
    const forward = network.forwardOptions({
      publicIp: '203.0.113.10',
      publicPort: 2_000 + 2 * turn,
      privateIp: '10.1.1.10',
      privatePort: 22,
    });
    // What is run for the first time costs more.
    const add = (id: string, argv: readonly string[]) => schedule.add(turn < 3 ? undefined : id, argv, rest);
    add('node', [process.execPath, '--eval', '0']);
    add('start', [management.entry, '--version']);
    add('ssh', ssh);
    add('floor', both);
    add('add-port-forward', [management.entry, ...management.callArguments('add-port-forward', forward)]);
    const options = { ...forward, 'public-port': 2_001 + 2 * turn };
    add('host-program', [host.wrapper, ...host.callArguments('add-port-forward', options)]);
    add('apply-fw-rules', [
      management.entry,
      ...management.callArguments('apply-fw-rules', { ...rulesOptions, 'fw-rules-file': rules }),
    ]);
    add('four', [script, key, address, rules, host.wrapper, ...sent, '--fw-rules-file']);
    add('ensure-network-device', [management.entry, ...ensure]);
  }
  return schedule;
}

function sectionOf(measurements: readonly Measurement[]): Section {
  const withFile = measurements.find(({ id }) => id === 'apply-fw-rules');
  const against: Measurement[] =
    withFile === undefined
      ? []
      : [
          {
            id: 'apply-fw-rules against four',
            label: 'apply-fw-rules, against four connections',
            nanoseconds: withFile.nanoseconds,
            floor: 'four',
            goal: { kind: 'times-faster', factor: 5 },
          },
        ];
  return {
    id: 'ssh',
    title: "Commands through the management server's program and SSH",
    method:
      "A real sshd in the test host, on a loopback address; the shared connection is there, the daemon warm. Floor: the program's own start " +
      `and then ssh host true. Time as for the other commands; ${rest} ms of rest before each call.`,
    unit: 'ms',
    measurements: [...measurements, ...against],
  };
}
