import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { baselineWrapper } from '../../host/baseline.js';
import type { CommandOptions, TestHost } from '../../host/host.js';
import { ManagementServer } from '../../host/management-server.js';
import { patience } from '../../host/patience.js';
import { projectRoot } from '../../host/project-root.js';
import { SshServer, sshHosts } from '../../host/ssh-server.js';
import { Network } from '../network.js';
import { PayloadCalls } from '../payload-calls.js';
import { createHost } from '../scene.js';

/** A program in the host program's place that tells everything it was given. */
const tellingProgram = `#!/bin/sh
printf '%s\\n' "$@"
for word; do if test -f "$word"; then stat -c '%a' "$word"; cat "$word"; fi; done
`;

describe("the management server's program", () => {
  let host: TestHost;
  let server: SshServer;
  let management: ManagementServer;
  let network: Network;
  const silent = { exit: 0, stdout: '', stderr: '', heldOpen: false };

  beforeAll(async () => {
    host = await createHost();
    server = await SshServer.start(host);
    management = await ManagementServer.install(host, server);
    network = new Network(host, { id: 42, vlan: 100 });
  });
  afterAll(() => host?.destroy());

  const ensure = (options: Record<string, string | number>, changed: Record<string, string | undefined> = {}) =>
    management.callRaw(
      management.callArguments('ensure-network-device', options, management.details(changed), {
        host: '',
        namespace: '',
      }),
    );
  const program = (path: string) => ({ environment: { CS_NET_SCRIPT_PATH: path } });

  describe('ensure-network-device', () => {
    test('answers one line of JSON; the host is the one the id falls on', async () => {
      // cksum(1) of "42" is 1199578407, of "7" 4228067591.
      const first = await ensure({ 'network-id': 42, 'current-details': '{}' });
      expect(first).toMatchObject({
        ...silent,
        stdout: `{"host":"${sshHosts[Number(1199578407) % 3]}","namespace":"cs-net-42"}\n`,
      });
      const tier = await ensure({ 'network-id': 42, 'vpc-id': 7, 'current-details': '{}' });
      expect(tier.stdout).toBe(`{"host":"${sshHosts[4228067591 % 3]}","namespace":"cs-vpc-7","vpc_id":"7"}\n`);
    });

    test('keeps the host there is, and moves when that cannot be reached', async () => {
      const current = { 'network-id': 42, 'current-details': `{"host":"${sshHosts[1]}","namespace":"cs-net-42"}` };
      expect((await ensure(current)).stdout).toContain(`"host":"${sshHosts[1]}"`);
      expect((await ensure(current, { hosts: `192.0.2.99, ${sshHosts[2]}` })).stdout).toContain(
        `"host":"${sshHosts[2]}"`,
      );
    });

    test.each([
      ['no host can be reached', { 'network-id': 42 }, { hosts: '192.0.2.98,192.0.2.99' }],
      ['no host is registered', { 'network-id': 42 }, { hosts: undefined }],
      ['there is no id', {}, {}],
    ])('says nothing when %s', async (_, options, changed) => {
      expect(await ensure(options, changed)).toMatchObject({ exit: 1, stdout: '', stderr: '' });
    });
  });

  test('a command reaches the host program and leaves nothing behind', async () => {
    expect(await management.call('implement-network', network.implementOptions())).toMatchObject(silent);
    expect(await host.namespaces()).toEqual(['cs-net-42']);
    expect(await host.tree(SshServer.temporary)).toEqual({});
    const names = Object.keys(await host.tree(ManagementServer.directory));
    expect(names.filter((name) => !/\/(?:salt|[0-9a-f]{20}-\d+(?:\.lock)?)$/.test(name))).toEqual([]);
  });

  test('arguments and files arrive byte for byte, secrets of the host not at all', async () => {
    await host.writeFile('/run/telling.sh', tellingProgram, 0o755);
    const hostile = 'it\'s $(touch /run/touched) `id` "x" \\ !! *\n--network-id';
    const outcome = await management.callRaw(
      [
        ...['save-vm-data', '--password', hostile, '--vm-data-file', '@data', '--zone-id', ''],
        ...management.callArguments('', { 'network-id': 42, 'current-details': '{"host":"x"}' }).slice(1),
      ],
      { files: { '@data': 'AAAA\n\nBBBB' }, ...program('/run/telling.sh') },
    );
    expect(outcome.exit).toBe(0);
    expect(outcome.stdout).toContain(
      `save-vm-data\n--password\n${hostile}\n--vm-data-file\n${SshServer.temporary}/cs-extnet-`,
    );
    expect(outcome.stdout).toContain('--zone-id\n\n--network-id\n42\n');
    expect(outcome.stdout).toMatch(/\n600\nAAAA\n\nBBBB$/);
    expect(outcome.stdout).toContain('"physicalnetworkname":"physnet1"');
    for (const kept of ['PRIVATE KEY', 'FAKE-host-password', 'current-details'])
      expect(outcome.stdout).not.toContain(kept);
    expect((await host.self.run(['test', '-e', '/run/touched'])).exit).toBe(1);
  });

  test('a payload file goes to the host as it is, with its timeout', async () => {
    const payload = JSON.stringify({
      'physical-network-extension-details': management.details(),
      'network-extension-details': { host: sshHosts[0] },
      payload: { network_id: '42', password: 'ä\u0000=' },
    });
    const outcome = await management.callRaw(['save-password', '@payload', '60'], {
      files: { '@payload': payload },
      ...program('/run/telling.sh'),
    });
    expect(outcome.stdout).toMatch(/^save-password\n\S+\n60\n600\n/);
    expect(outcome.stdout.endsWith(payload)).toBe(true);
  });

  test.each([
    [
      'a key whose line ends are written out',
      (key: string) => ({ sshkey: key.replaceAll('\n', '\\n'), password: undefined }),
    ],
    ['a password', () => ({ sshkey: undefined })],
    ['known hosts', () => ({ 'ssh.host.key.checking': 'yes', 'ssh.known.hosts.file': '/run/known' })],
  ])('logs in with %s', async (_, changed) => {
    await host.writeFile('/run/known', await server.knownHost(sshHosts[0]));
    const details = management.details(changed(server.key));
    expect(await management.call('shutdown-network', { 'network-id': 9, vlan: 5 }, details)).toMatchObject(silent);
  });

  test.each([
    ['the password is wrong', 2, { sshkey: undefined, password: 'SECRET' }, /Permission denied|password is wrong/],
    [
      'the host is not the known one',
      2,
      { 'ssh.host.key.checking': 'yes', 'ssh.known.hosts.file': '/dev/null' },
      /Host key verification failed/,
    ],
    ['nothing listens', 2, { port: '9', 'ssh.timeout': '1' }, /refused/],
    ['a detail makes no sense', 1, { port: 'many' }, /"port" "many": expected a port/],
    ['the host is an option for ssh', 1, { hosts: '-oProxyCommand=id' }, /expected a name or an address/],
  ])('says in one line that %s', async (_, exit, changed, words) => {
    const details = management.details(changed);
    const network = !('hosts' in changed) ? { host: sshHosts[0] } : {};
    const argv = management.callArguments(
      'shutdown-network',
      { 'network-id': 9 },
      details,
      network as Record<string, string>,
    );
    const outcome = await management.callRaw(argv);
    expect(outcome).toMatchObject({ exit, stdout: '' });
    expect(outcome.stderr).toMatch(words);
    expect(outcome.stderr).toMatch(/^cloudstack-netns: [^\n]*\n$/);
    expect(outcome.stderr).not.toContain('SECRET');
  });

  test("what a login shell prints is nobody's answer; a refusal is exit code 3", async () => {
    await host.writeFile(`${SshServer.home}/.bashrc`, 'echo noise; echo "more noise" >&2\n');
    expect(await management.call('implement-network', network.implementOptions())).toMatchObject(silent);
    const refused = await management.call('implement-network', network.implementOptions({ vlan: '5000' }));
    expect(refused).toMatchObject({ exit: 3, stdout: '' });
    expect(refused.stderr).toContain('--vlan "5000": expected');
    const dump = await management.call('custom-action', {
      'network-id': 42,
      action: 'dump-config',
      'action-params': '{}',
    });
    expect(dump.stdout).toMatch(/^=== Namespace: cs-net-42 ===\n/);
    await host.self.output('rm', `${SshServer.home}/.bashrc`);
  });

  test.each([
    ["ends with ssh's own code", 'exit 255'],
    ['is killed', 'kill -9 $$'],
  ])('a host program that %s has refused: the connection is there', async (_, end) => {
    await host.writeFile('/run/ending.sh', `#!/bin/sh\n${end}\n`, 0o755);
    const files = { '@rules': 'AAAA' };
    for (const argv of [['destroy-network'], ['apply-fw-rules', '--fw-rules-file', '@rules']]) {
      const outcome = await management.callRaw(
        [...argv, ...management.callArguments('', { 'network-id': 42 }).slice(1)],
        { files, ...program('/run/ending.sh') },
      );
      expect(outcome).toMatchObject({ exit: 3, stdout: '' });
    }
  });

  test('a host that goes away in the middle is exit code 2, and the network moves; a call ends when its time is over', async () => {
    await host.writeFile('/run/endless.sh', '#!/bin/sh\ntouch /run/begun-"$1"\nexec sleep 60\n', 0o755);
    const endless = program('/run/endless.sh');
    const details = management.details({ 'ssh.timeout': '1' });
    const payload = JSON.stringify({
      'physical-network-extension-details': management.details(),
      'network-extension-details': { host: sshHosts[1] },
      payload: { network_id: '9' },
    });
    const late = management.callRaw(['destroy-network', '@payload', '1'], {
      files: { '@payload': payload },
      ...endless,
    });
    const lost = management.call('shutdown-network', { 'network-id': 9 }, details, endless);
    const isBegun = async () => (await host.self.run(['test', '-e', '/run/begun-shutdown-network'])).exit === 0;
    expect(await host.self.eventually(isBegun, patience(10_000))).toBe(true);
    await server.cutOff(sshHosts[0]);
    const outcome = await lost;
    expect(outcome).toMatchObject({ exit: 2, stdout: '' });
    expect(outcome.stderr).toContain('the connection was lost while the command was at work');
    const current = { 'network-id': 9, 'current-details': `{"host":"${sshHosts[0]}"}` };
    const moved = await ensure(current, { 'ssh.timeout': '1' });
    expect(moved.stdout).toMatch(/^\{"host":"192\.168\.50\.1[23]","namespace":"cs-net-9"\}\n$/);
    await server.bringBack();
    expect(await late).toMatchObject({ exit: 2, stdout: '', stderr: expect.stringContaining('no answer within') });
  });

  test('50 calls at once all succeed, also where sshd lets in few', async () => {
    await server.configure(['MaxStartups 3:50:6', 'MaxSessions 4']);
    const details = management.details({ 'ssh.persist': '60' });
    const calls = Array.from({ length: 50 }, (_, index) =>
      management.call('assign-ip', network.addressOptions(`203.0.113.${10 + index}`), details),
    );
    expect(
      (await Promise.all(calls)).filter(({ exit, stdout, stderr }) => exit !== 0 || stdout + stderr !== ''),
    ).toEqual([]);
    expect((await network.inside.addresses())['vpn-200-42']).toHaveLength(50);
  });

  test('the program on the host may be the shell wrapper', async () => {
    await host.writeFile('/run/shell-wrapper.sh', baselineWrapper, 0o755);
    await host.self.output('rm', '-rf', '/var/lib/cloudstack/run');
    const shell = program('/run/shell-wrapper.sh');
    const other = new Network(host, { id: 43, vlan: 101, prefix: '10.1.2' });
    const call = (command: string, options: CommandOptions) =>
      management.call(command, options, management.details(), shell);
    expect(await call('implement-network', other.implementOptions())).toMatchObject(silent);
    expect(await host.inside('cs-net-43').addresses()).toMatchObject({ 'vn-101-43': ['10.1.2.1/24'] });
    const rules = { ...other.implementOptions(), 'fw-rules-file': '@rules' };
    const set = Buffer.from(JSON.stringify({ default_egress_allow: true, cidr: other.cidr, rules: [] }));
    const argv = management.callArguments('apply-fw-rules', rules);
    expect(await management.callRaw(argv, { files: { '@rules': set.toString('base64') }, ...shell })).toMatchObject(
      silent,
    );
    expect(await call('destroy-network', { 'network-id': 43, vlan: '' })).toMatchObject(silent);
  });

  test('the program on the host may be called as the shell entry program does it: a connection each to make a file, fill it, run, remove it', async () => {
    const payload = {
      network_id: '44',
      vlan: '102',
      gateway: '10.1.3.1',
      cidr: '10.1.3.0/24',
      extension_ip: '10.1.3.1',
    };
    const calls = new PayloadCalls(host, { ...payload, guest_type: 'isolated', network_state: 'implementing' });
    await host.writeFile('/run/test-key', management.details().sshkey ?? '', 0o600);
    await host.writeFile('/run/test-payload', calls.envelope(), 0o600);
    const script = join(projectRoot, 'scripts/bench/ssh/four-connections.sh');
    const argv = [script, '/run/test-key', sshHosts[0], '/run/test-payload', host.wrapper, 'implement-network'];
    expect(await host.self.run(argv)).toMatchObject(silent);
    expect(await host.inside('cs-net-44').addresses()).toMatchObject({ 'vn-102-44': ['10.1.3.1/24'] });
    await calls.perform('destroy-network');
  });

  test('the log tells what was done, and no secret', async () => {
    const log = await host.self.output('cat', host.logFile);
    expect(log).toMatch(/ensure-network-device network=42 host=192\.168\.50\.\d+ exit=0 [\d.]+ms\n/);
    expect(log).toMatch(/shutdown-network network=9 exit=2 .*error="cloudstack-netns: ssh/);
    expect(log).not.toMatch(/SECRET|FAKE|PRIVATE|touched/);
  });
});
