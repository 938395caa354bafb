import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../host/host.js';
import { bootGuest, lease, resolve } from './dhcp-client.js';
import { ask, askPassword } from './guest-http.js';
import { PayloadCalls } from './payload-calls.js';
import { createHost, internet } from './scene.js';
import { processesNamed } from './service-processes.js';

const names = { dns: '192.0.2.53', domain: 'dev.example.org' };
const nic = { nic_id: '501', mac: '02:01:00:00:00:0a', ip: '10.1.1.20', default_nic: 'true', device_id: '0' };
const data = [
  { dir: 'userdata', file: 'user_data', content: "#!/bin/sh\n<a> & 'b' = c\n" },
  { dir: 'password', file: 'vm_password', content: 'FAKEpw' },
];

describe('calls of generation 2', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await createHost();
  });
  afterAll(() => host?.destroy());

  describe('about a shared network', () => {
    let calls: PayloadCalls;

    beforeAll(() => {
      calls = new PayloadCalls(host, {
        network_id: '215',
        vlan: '101',
        zone_id: '1',
        guest_type: 'shared',
        network_state: 'setup',
        gateway: '10.1.1.1',
        cidr: '10.1.1.0/24',
        extension_ip: '10.1.1.11',
      });
    });

    test('the first NIC builds it; a guest is served, and routed by its own router only', async () => {
      const router = await host.attachGuest(101, { addresses: ['10.1.1.1/24'], loopback: [`${internet}/32`] });
      await calls.perform('prepare-nic', { ...nic, hostname: 'mail-1' });
      expect(await host.namespaces()).toEqual(['cs-net-215']);
      await calls.perform('config-dhcp-subnet', { ...names, ...nic });
      await calls.perform('add-dhcp-entry', { ...names, ...nic, hostname: 'mail-1' });
      await calls.perform('config-dns-subnet', { ...names, ...nic });
      await calls.perform('add-dns-entry', { ...names, ...nic, hostname: 'mail-1' });
      await calls.perform('save-vm-data', { ...nic, vm_data: data });
      const guest = await bootGuest(host, 101, nic.mac);
      expect(await lease(guest)).toMatchObject({ ip: nic.ip, router: '10.1.1.1', dns: '10.1.1.11 192.0.2.53' });
      expect(await resolve(guest, '10.1.1.11', 'mail-1.dev.example.org')).toEqual([nic.ip]);
      expect((await ask(guest, 'http://10.1.1.11/latest/user-data')).body).toBe(data[0]?.content);
      expect(await askPassword(guest, '10.1.1.11', 'send_my_password')).toBe('FAKEpw');
      expect(await guest.ping(internet)).toBe('answered');
      // The namespace has a way out for itself, but not for guests that take it for their router.
      expect(await host.inside('cs-net-215').run(['ping', '-c1', '-W1', internet])).toMatchObject({ exit: 0 });
      await guest.output('ip', 'route', 'replace', 'default', 'via', '10.1.1.11');
      expect(await guest.ping(internet)).not.toBe('answered');
      await Promise.all([guest.remove(), router.remove()]);
    });

    test('its end is a destroy-network alone; nothing of it stays', async () => {
      await calls.perform('release-nic', nic);
      await calls.perform('destroy-network');
      expect(await host.namespaces()).toEqual([]);
      expect(await host.state()).toEqual({});
    });
  });

  describe('about an isolated network', () => {
    let calls: PayloadCalls;

    beforeAll(() => {
      calls = new PayloadCalls(host, {
        network_id: '42',
        vlan: '100',
        zone_id: '1',
        guest_type: 'isolated',
        network_state: 'implemented',
        gateway: '10.1.1.1',
        cidr: '10.1.1.0/24',
        extension_ip: '10.1.1.1',
      });
    });

    test('prepare-nic serves a guest, release-nic ends it', async () => {
      await calls.perform('implement-network');
      await calls.perform('prepare-nic', { ...nic, hostname: 'web-1' });
      expect(await processesNamed(host, 'dnsmasq')).toEqual([]);
      await calls.perform('config-dns-subnet', names);
      await calls.perform('prepare-nic', { ...nic, hostname: 'web-1' });
      await calls.perform('save-vm-data', { ...nic, vm_data: data });
      const guest = await bootGuest(host, 100, nic.mac);
      expect(await lease(guest)).toMatchObject({ ip: nic.ip, router: '10.1.1.1', hostname: 'web-1' });
      expect(await resolve(guest, '10.1.1.1', 'web-1')).toEqual([nic.ip]);
      expect((await ask(guest, 'http://10.1.1.1/latest/user-data')).status).toBe(200);
      await calls.perform('release-nic', nic);
      expect(await guest.eventually(async () => (await resolve(guest, '10.1.1.1', 'web-1'))?.length === 0)).toBe(true);
      expect((await ask(guest, 'http://10.1.1.1/latest/user-data')).status).toBe(404);
      expect(await askPassword(guest, '10.1.1.1', 'send_my_password')).toBe('saved_password');
      expect(await lease(guest, 1)).toBeUndefined();
      await guest.remove();
    });

    test('a call that waits too long for another program is answered in time, and not begun', async () => {
      // The lock is held, as by the shell wrapper, until the call has ended.
      const script = 'exec 9>"$1"; flock 9; shift; exec "$@"';
      const argv = ['sh', '-c', script, 'sh', `${host.stateDirectory}/lock-network-42`, host.wrapper];
      const files = { '@payload': calls.envelope({ ...names, ...nic, hostname: 'late-1' }) };
      expect(await host.self.run([...argv, 'add-dns-entry', '@payload', '1'], { files })).toMatchObject({
        exit: 1,
        stdout: '',
        stderr: expect.stringMatching(/^cloudstack-netns: add-dns-entry: waited for 1 s .*; it was not begun\n$/),
      });
      await calls.perform('add-dns-entry', { ...names, ...nic, ip: '10.1.1.21', hostname: 'next-1' });
      expect((await host.state())['network-42/dnsmasq/hosts']).toContain('next-1');
      expect((await host.state())['network-42/dnsmasq/hosts']).not.toContain('late-1');
    });

    test('a hook is ended when its caller does not wait any more', async () => {
      await host.self.output('mkdir', '-p', `${host.stateDirectory}/hooks`);
      await host.writeFile(`${host.stateDirectory}/hooks/custom-action-slow.sh`, '#!/bin/sh\nexec sleep 1000\n', 0o755);
      expect(await calls.call('custom-action', { action: 'slow' }, ['1'])).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining('ran for more than 1 s and was ended'),
      });
      await host.self.output('rm', '-r', `${host.stateDirectory}/hooks`);
    });

    test('can be tried, and be lines of a batch', async () => {
      const tried = await calls.call('shutdown-network', {}, ['60', '--dry-run']);
      expect(tried.stdout).toContain('# shutdown-network in namespace cs-net-42, which is deleted');
      await host.writeFile('/run/call.json', calls.envelope({ ...nic, hostname: 'web-2', ...names }), 0o600);
      await host.writeFile('/run/batch', 'add-dhcp-entry /run/call.json 60\nadd-dns-entry call.json\n');
      const outcome = await host.self.run(['sh', '-c', `cd /run && exec ${host.program} batch batch`]);
      expect(outcome).toMatchObject({ exit: 0, stdout: expect.stringContaining('2 ok add-dns-entry network=42\n') });
      expect((await host.state())['network-42/dnsmasq/hosts']).toContain('web-2');
    });

    test('what comes after its end succeeds, and makes nothing', async () => {
      await calls.perform('shutdown-network', { network_state: 'shutdown' });
      await calls.perform('destroy-network', { network_state: 'allocated', vlan: '' });
      const late = { network_state: 'allocated', vlan: '' };
      const address = { public_ip: '203.0.113.10', public_vlan: 'vlan://200', public_cidr: '203.0.113.0/24' };
      const port = { public_port: '80', private_port: '80', private_ip: nic.ip, protocol: 'tcp' };
      const rule = { id: 1, publicIp: '203.0.113.10', publicPort: 80, privatePort: 80, protocol: 'tcp' };
      const balancing = { ...rule, algorithm: 'roundrobin', backends: [{ ip: nic.ip, port: 80, revoked: false }] };
      for (const [command, payload] of [
        ['delete-port-forward', { ...address, ...port }],
        [
          'apply-lb-rules',
          {
            lb_rules: [
              { ...balancing, revoke: true },
              { ...balancing, id: 2, publicPort: 81, revoke: false },
            ],
          },
        ],
        ['apply-fw-rules', { fw_rules: { default_egress_allow: true, cidr: '', rules: [] } }],
        ['delete-static-nat', { ...address, private_ip: nic.ip }],
        ['assign-ip', { ...address, source_nat: 'true' }],
        ['release-ip', address],
        ['release-nic', nic],
        ['remove-dhcp-entry', nic],
        ['remove-dns-subnet', names],
        ['save-password', { ...nic, password: 'FAKEpw' }],
        ['shutdown-network', {}],
        ['destroy-network', {}],
      ] as const) {
        await calls.perform(command, { ...late, ...payload });
      }
      expect(await host.namespaces()).toEqual([]);
      expect(await host.state()).toEqual({});
    });

    test('the log has the network of a refused call, and no secret', async () => {
      await calls.call('implement-network', { gateway: 'FAKE-no-address' });
      // The log is written after the answer; grep fails until the line is there.
      const line = async () => (await host.self.run(['grep', '-s', 'FAKE-no-address', host.logFile])).stdout;
      await host.self.eventually(async () => (await line()) !== '');
      expect(await line()).toMatch(/ implement-network network=42 exit=1 /);
      expect(await host.self.output('cat', host.logFile)).not.toMatch(/FAKEpw|FAKE-host-password/);
    });
  });
});
