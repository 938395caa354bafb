import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { CloudInit, type Crawled } from './cloud-init.js';
import { bootGuest, clientLease, resolve } from './dhcp-client.js';
import { ask, entry } from './guest-http.js';
import { Network } from './network.js';
import { createHost } from './scene.js';

/** As CloudStack sends it when a VM starts; what it does not know is empty. */
const metadata = {
  'service-offering': 'Small Instance',
  'availability-zone': 'zone-1',
  'local-hostname': 'web-1',
  'local-ipv4': '10.1.1.10',
  'public-ipv4': '203.0.113.10',
  'public-hostname': '',
  'instance-id': 'i-2-10-VM',
  'vm-id': '6c0ae1a4',
  'public-keys': 'ssh-rsa AAAAB3== one@example.org\nssh-ed25519 AAAAC3 two@example.org\n',
  'cloud-identifier': 'CloudStack-{12345}',
  'hypervisor-host-name': 'kvm-1',
} as const;

/** What cloud-init makes of it: what is empty is not there; the keys are a list, as it wants them. */
const crawled: Crawled = {
  ...Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== '')),
  'hypervisor-hostname': 'kvm-1',
  'public-keys': ['ssh-rsa AAAAB3== one@example.org', 'ssh-ed25519 AAAAC3 two@example.org'],
};

const userData = '#cloud-config\npackages: [curl]\n';

describe('a guest that boots with cloud-init', () => {
  let host: TestHost;
  let network: Network;
  let guest: Endpoint;
  let bare: Endpoint;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100] });
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    await network.configure('dns');
    await network.addDhcpEntry({ mac: '02:01:00:00:00:0a', ip: '10.1.1.10', hostname: 'web-1' });
    await network.addDhcpEntry({ mac: '02:01:00:00:00:0b', ip: '10.1.1.11' });
    await network.saveVmData('10.1.1.10', [
      entry('userdata', 'user_data', userData),
      ...Object.entries(metadata).map(([file, content]) => entry('metadata', file, content)),
    ]);
    await network.saveVmData('10.1.1.11', [entry('metadata', 'instance-id', 'i-2-11-VM')]);
    guest = await bootGuest(host, 100, '02:01:00:00:00:0a');
    bare = await bootGuest(host, 100, '02:01:00:00:00:0b');
    expect(await clientLease(host, bare, 'bare')).toBeDefined();
  });
  afterAll(() => host?.destroy());

  test('finds the server in each of the ways it knows: a name, its lease, its router', async () => {
    const lease = await clientLease(host, guest, 'eth0');
    expect(lease?.options).toMatchObject({ 'fixed-address': '10.1.1.10', 'dhcp-server-identifier': '10.1.1.1' });
    expect(await resolve(guest, '10.1.1.1', 'data-server')).toEqual(['10.1.1.1']);
    expect(await resolve(guest, '10.1.1.1', 'data-server.')).toEqual(['10.1.1.1']);
    expect((await guest.routes()).find(({ dst }) => dst === 'default')?.gateway).toBe('10.1.1.1');
  });

  test('as CloudStack’s, gets everything that was said of it', async () => {
    const instance = await new CloudInit(guest, '10.1.1.1').ofCloudStack();
    expect(instance).toMatchObject({ metadata: crawled, userData });
    expect(Object.keys(instance.metadata).sort()).toEqual(Object.keys(crawled).sort());
    expect(instance.asked.slice(0, 3)).toEqual([
      'GET /latest/meta-data/instance-id 200',
      'GET /latest/user-data 200',
      'GET /latest/meta-data/ 200',
    ]);
  });

  test('as EC2’s, gets the same from the link-local address, by the newest version it knows', async () => {
    const { asked, ...instance } = await new CloudInit(guest, '169.254.169.254').ofEc2();
    expect(instance).toEqual({ metadata: crawled, userData });
    // Refused at once and for good, which is what clients want to hear that can go on without a token.
    expect(asked[0]).toBe('PUT /latest/api/token 405');
    expect(asked[2]).toBe('GET /2021-03-23/meta-data/instance-id 200');
  });

  test('without user data boots all the same', async () => {
    const minimal = { metadata: { 'instance-id': 'i-2-11-VM' }, userData: '' };
    expect(await new CloudInit(bare, '10.1.1.1').ofCloudStack()).toMatchObject(minimal);
    expect(await new CloudInit(bare, '169.254.169.254').ofEc2()).toMatchObject(minimal);
  });

  test('is told at once what there is not', async () => {
    const paths = [
      '/latest/dynamic/instance-identity/document',
      '/latest/dynamic/instance-identity/',
      '/latest/meta-data/iam/security-credentials/',
      '/latest/meta-data/network/interfaces/macs/',
      '/latest/meta-data/placement/availability-zone',
      '/latest/meta-data/block-device-mapping/',
      '/latest/meta-data/public-keys/0/openssh-key',
      '/latest/api/token',
      '/openstack/latest/meta_data.json',
      '/computeMetadata/v1/',
    ];
    for (const path of paths) expect((await ask(guest, `http://169.254.169.254${path}`)).status, path).toBe(404);
  });

  test('finds its values where they were before CloudStack had meta-data', async () => {
    const legacy = async (name: string) => (await ask(guest, `http://10.1.1.1/latest/${name}`)).body;
    expect(await legacy('local-hostname')).toBe('web-1');
    expect(await legacy('public-keys')).toBe(metadata['public-keys']);
    expect((await ask(bare, 'http://10.1.1.1/latest/local-hostname')).status).toBe(404);
  });

  test('asks whether something has changed without being sent it again', async () => {
    const url = 'http://10.1.1.1/latest/user-data';
    const first = await ask(guest, url);
    const [, tag = ''] = /^etag: (.*)\r?$/im.exec(first.headers) ?? [];
    const [, modified = ''] = /^last-modified: (.*)\r?$/im.exec(first.headers) ?? [];
    const unchanged = { status: 304, body: '' };
    expect(await ask(guest, url, ['--header', `If-None-Match: ${tag}`])).toMatchObject(unchanged);
    expect(await ask(guest, url, ['--header', `If-Modified-Since: ${modified}`])).toMatchObject(unchanged);
    const head = await ask(guest, url, ['--head']);
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers).toMatch(new RegExp(`^content-length: ${userData.length}\r?$`, 'im'));
    await network.saveUserdata('10.1.1.10', Buffer.from(userData.toUpperCase()));
    const options = ['--header', `If-None-Match: ${tag}`, '--header', `If-Modified-Since: ${modified}`];
    expect(await ask(guest, url, options)).toMatchObject({ status: 200, body: userData.toUpperCase() });
  });
});
