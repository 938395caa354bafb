import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RestoreNetwork } from '../../../src/contract/command.js';
import { ContractError } from '../../../src/contract/contract-error.js';
import { decode } from '../../../src/contract/decode.js';

const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';
const about = ['--network-id', '5', '--gateway', '10.1.1.1', '--cidr', '10.1.1.0/24', '--vlan', '100'];
const names = ['--extension-ip', '10.1.1.1', '--dns', '192.0.2.53,192.0.2.54', '--domain', 'a.org'];

async function decoded(...more: string[]): Promise<RestoreNetwork & { readonly warnings: readonly string[] }> {
  const all = ['restore-network', ...about, ...names, ...more];
  const { command, warnings } = await decode({ program, arguments: all, environment: {}, directory: '/' });
  return { ...(command as RestoreNetwork), warnings };
}

const base64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64');
const entry = (dir: string, file: string, content: string | Uint8Array) => ({ dir, file, content: base64(content) });
const all = { dhcp_enabled: true, dns_enabled: true, userdata_enabled: true };
const vm = { ip: '10.1.1.10', mac: '02:01:FE:00:4C:01', hostname: 'web-1', default_nic: true, vm_data: [] as object[] };
const restored = (...vms: unknown[]) => ['--restore-data', base64(JSON.stringify({ ...all, vms }))];
const withServices = (services: object, ...vms: unknown[]) => [
  '--restore-data',
  base64(JSON.stringify({ ...services, vms })),
];

describe('restore-network', () => {
  it('is taken apart into services, NICs, and what their guests are told', async () => {
    const data = [
      entry('userdata', 'user_data', Uint8Array.of(0, 255)),
      entry('metadata', 'instance-id', 'i-1'),
      entry('password', 'vm_password', 'p'),
    ];
    const secondary = { ...vm, ip: '10.1.1.11', mac: '02:01:fe:00:4c:02', hostname: '', default_nic: false };
    expect(await decoded(...restored({ ...vm, vm_data: data }, secondary))).toMatchObject({
      name: 'restore-network',
      target: { networkId: '5', vlan: 100, namespace: 'cs-net-5' },
      resolvers: ['192.0.2.53', '192.0.2.54'],
      domain: 'a.org',
      dhcp: true,
      dns: true,
      userData: true,
      warnings: [],
      guests: [
        {
          ip: '10.1.1.10',
          mac: '02:01:fe:00:4c:01',
          hostname: 'web-1',
          isDefaultNic: true,
          files: [
            { path: 'user-data', content: Buffer.of(0, 255) },
            { path: 'meta-data/instance-id', content: Buffer.from('i-1') },
          ],
          password: 'p',
        },
        { ip: '10.1.1.11', hostname: undefined, isDefaultNic: false, files: [], password: undefined },
      ],
    });
  });

  it('is read from a file, which wins', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'csn-restore-'));
    try {
      writeFileSync(join(directory, 'data'), base64(JSON.stringify({ ...all, vms: [vm] })));
      const { guests } = await decoded('--restore-data-file', join(directory, 'data'), '--restore-data', 'x');
      expect(guests).toHaveLength(1);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('takes what later generations add, and values of other types', async () => {
    const more = { dns: '192.0.2.1', domain: 'b.org', ip6_address: '', nic_uuid: 'x', device_id: '0' };
    const { guests } = await decoded(...restored({ ...vm, ...more, default_nic: 'false', vm_data: null }));
    expect(guests).toMatchObject([{ ip: '10.1.1.10', isDefaultNic: false, files: [] }]);
    expect(await decoded(...withServices({ dhcp_enabled: 'true' }))).toMatchObject({
      dhcp: true,
      dns: false,
      guests: [],
    });
    const { default_nic: _, ...unsaid } = vm;
    expect((await decoded(...restored(unsaid))).guests).toMatchObject([{ isDefaultNic: true }]);
  });

  it('asks for nothing that the services do not need', async () => {
    const data = [entry('metadata', 'vm-id', '1')];
    const odd = { ip: '10.1.1.10', mac: 'none', hostname: 'odd_name', vm_data: data };
    const told = await decoded(...withServices({ userdata_enabled: true }, odd));
    expect(told.guests).toMatchObject([{ ip: '10.1.1.10', hostname: undefined, files: [{ path: 'meta-data/vm-id' }] }]);
    const named = await decoded(...withServices({ dns_enabled: true }, { ...odd, hostname: 'web-1' }));
    expect(named.guests).toMatchObject([{ hostname: 'web-1', mac: undefined, files: [] }]);
  });

  it.each([
    ['mac', { ...vm, mac: 'none' }, `vm 2: mac "none": expected a NIC's MAC address such as 02:01:0a:00:00:05`],
    ['no mac', { ...vm, mac: undefined }, 'vm 2: mac is missing'],
    ['ip', { ...vm, ip: '10.1.1.256' }, 'vm 2: ip "10.1.1.256": expected an IPv4 address of a host'],
    ['hostname', { ...vm, hostname: 'a,b\n' }, 'vm 2: hostname "a,b\\n": expected a host name'],
    ['no object', null, 'vm 2: expected an object with ip, mac, hostname and vm_data'],
  ])('is refused as a whole, by its place, with a bad VM: %s', async (_, bad, words) => {
    const failure = await decoded(...restored(vm, bad)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ContractError);
    expect((failure as Error).message).toContain(`restore-network: --restore-data: ${words}`);
    expect((failure as Error).message).toMatch(/^[^\n]+; nothing was changed$/);
  });

  it('leaves an entry out that would leave the tree of its VM', async () => {
    const data = [entry('metadata', '../../10.1.1.11/latest/x', 'secret'), entry('..', 'x', 'y'), entry('a', 'b', 'c')];
    const { guests, warnings } = await decoded(...restored(vm, { ...vm, ip: '10.1.1.11', vm_data: data }));
    expect(guests[1]?.files).toMatchObject([{ path: 'a/b' }]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toBe(
      'restore-network: vm 2: entry "metadata/../../10.1.1.11/latest/x": expected the plain names of a directory and a file; skipped',
    );
    expect(warnings.join()).not.toContain('secret');
  });

  it.each([
    ['no base64', '§'],
    ['no JSON', base64('{')],
    ['no object', base64('[]')],
    ['no list', base64('{"vms":{}}')],
    ['empty', ''],
  ])('is refused when it is %s', async (_, data) => {
    await expect(decoded('--restore-data', data)).rejects.toThrow(ContractError);
  });
});
