import { describe, expect, it } from 'vitest';
import type { Command } from '../../../src/contract/command.js';
import { ContractError } from '../../../src/contract/contract-error.js';
import { decode } from '../../../src/contract/decode.js';
import { injections } from '../model/injections.js';

const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';

async function decoded(command: string, options: Readonly<Record<string, string>>): Promise<Command> {
  const words = Object.entries({ 'network-id': '42', ...options }).flatMap(([name, value]) => [`--${name}`, value]);
  return (await decode({ program, arguments: [command, ...words], environment: {}, directory: '/' })).command;
}

const nic = { mac: '02:01:FE:00:4C:01', ip: '10.1.1.10', hostname: 'web-1' };

describe('commands about DHCP and DNS', () => {
  it('as CloudStack sends them', async () => {
    const subnet = {
      gateway: '10.1.1.1',
      cidr: '10.1.1.0/24',
      dns: '192.0.2.53,,192.0.2.53,192.0.2.54,',
      vlan: '100',
      domain: 'a.org.',
    };
    for (const name of ['config-dhcp-subnet', 'config-dns-subnet'] as const) {
      expect(await decoded(name, subnet)).toMatchObject({
        name,
        resolvers: ['192.0.2.53', '192.0.2.54'],
        domain: 'a.org',
      });
      expect(await decoded(name, { dns: '', domain: '' })).toMatchObject({ resolvers: [], domain: undefined });
    }
    expect(await decoded('add-dhcp-entry', { ...nic, 'default-nic': 'false', gateway: '10.1.1.1' })).toMatchObject({
      mac: '02:01:fe:00:4c:01',
      ip: '10.1.1.10',
      hostname: 'web-1',
      gateway: '10.1.1.1',
      isDefaultNic: false,
      resolvers: undefined,
    });
    expect(await decoded('add-dhcp-entry', { ...nic, hostname: '' })).toMatchObject({
      hostname: undefined,
      isDefaultNic: true,
    });
    expect(await decoded('add-dns-entry', nic)).toMatchObject({ ip: '10.1.1.10', hostname: 'web-1' });
    expect(await decoded('remove-dns-entry', {})).toMatchObject({ ip: undefined });
    expect(await decoded('remove-dhcp-entry', { mac: '', ip: '' })).toMatchObject({ mac: undefined, ip: undefined });
    expect(
      await decoded('set-dhcp-options', {
        'nic-id': '5',
        options: '{"119":"b.org","42":"192.0.2.1","26":"","66":null}',
      }),
    ).toMatchObject({
      nicId: '5',
      options: [
        [42, '192.0.2.1'],
        [119, 'b.org'],
      ],
    });
  });

  const bad: readonly string[] = ['x y', 'a,b', 'a\nb', 'a\rb', '"', '#', 'a=b', ...injections];
  const fields: readonly (readonly [command: string, field: string, others: Readonly<Record<string, string>>])[] = [
    ['add-dhcp-entry', 'mac', nic],
    ['add-dhcp-entry', 'ip', nic],
    ['add-dhcp-entry', 'hostname', nic],
    ['add-dhcp-entry', 'gateway', nic],
    ['add-dhcp-entry', 'dns', nic],
    ['add-dhcp-entry', 'domain', nic],
    ['add-dhcp-entry', 'default-nic', nic],
    ['remove-dhcp-entry', 'mac', {}],
    ['add-dns-entry', 'ip', nic],
    ['add-dns-entry', 'hostname', nic],
    ['remove-dns-entry', 'ip', {}],
    ['config-dns-subnet', 'dns', {}],
    ['config-dhcp-subnet', 'domain', {}],
    ['set-dhcp-options', 'nic-id', { options: '{}' }],
    ['set-dhcp-options', 'options', { 'nic-id': '5' }],
  ];

  it.each(fields)(
    '%s: --%s takes nothing that would be another line, field or option',
    async (command, field, others) => {
      for (const value of bad) {
        const problem = await decoded(command, { ...others, [field]: value }).catch((error: unknown) => error);
        expect(problem, JSON.stringify(value)).toBeInstanceOf(ContractError);
        expect(String(problem)).not.toMatch(/[\r\n]/);
      }
    },
  );

  it.each([
    '{"42":"a\nb"}',
    '{"66":"a\\nb"}',
    '{"0":"a"}',
    '{"255":"a"}',
    '{"42,3":"a"}',
    '{"42":{}}',
    '[]',
    '"a"',
    ''.padEnd(10, '{'),
  ])('set-dhcp-options refuses %j', async (options) => {
    await expect(decoded('set-dhcp-options', { 'nic-id': '5', options })).rejects.toBeInstanceOf(ContractError);
  });
});
