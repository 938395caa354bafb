import { describe, expect, it } from 'vitest';
import type { Command } from '../../../src/contract/command.js';
import { decode } from '../../../src/contract/decode.js';

const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';

async function decoded(command: string, options: Readonly<Record<string, string>>): Promise<Command> {
  const words = Object.entries({ 'network-id': '42', vlan: '100', ...options }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  return (await decode({ program, arguments: [command, ...words], environment: {}, directory: '/' })).command;
}

const side = { 'network-ip6-gateway': '2001:DB8:1::1', 'network-ip6-cidr': '2001:db8:1:0::/64' };

describe('IPv6 in the values of a call', () => {
  it.each(['implement-network', 'config-dhcp-subnet', 'config-dns-subnet'])(
    'is the network’s side, in one spelling: %s',
    async (command) => {
      const cidr = { address: '2001:db8:1::', prefix: 64 };
      expect(await decoded(command, side)).toMatchObject({ ipv6: { gateway: '2001:db8:1::1', cidr, resolvers: [] } });
      expect(await decoded(command, { ...side, dns6: '2001:db8::53' })).toMatchObject({
        ipv6: { resolvers: ['2001:db8::53'] },
      });
      // One of the two says nothing, as for the shell wrapper.
      for (const [name, value] of Object.entries(side)) {
        expect(await decoded(command, { [name]: value })).toMatchObject({ ipv6: undefined });
      }
    },
  );

  it('is a guest’s address', async () => {
    const entry = { ip: '10.1.1.10', hostname: 'web-1' };
    expect(await decoded('add-dns-entry', { ...entry, 'ip6-address': '2001:db8:1::A' })).toMatchObject({
      ipv6Address: '2001:db8:1::a',
    });
    expect(await decoded('add-dns-entry', { ...entry, 'ip6-address': '' })).toMatchObject({ ipv6Address: undefined });
    const vms = [
      { ip: '10.1.1.10', hostname: 'web-1', ip6_address: '2001:db8:1::a' },
      { ip: '10.1.1.11', hostname: 'web-2', ip6_address: '' },
    ];
    const data = Buffer.from(JSON.stringify({ dns_enabled: true, vms })).toString('base64');
    expect(await decoded('restore-network', { 'restore-data': data })).toMatchObject({
      guests: [{ ipv6Address: '2001:db8:1::a' }, { ipv6Address: undefined }],
    });
  });

  it.each([
    [{ 'network-ip6-gateway': '10.1.1.1' }, '--network-ip6-gateway "10.1.1.1": expected an IPv6 address of a host'],
    [{ 'network-ip6-gateway': 'fe80::1' }, '--network-ip6-gateway "fe80::1": expected an IPv6 address of a host'],
    [{ 'network-ip6-cidr': '2001:db8:1::' }, '--network-ip6-cidr "2001:db8:1::": expected an IPv6 network'],
    [{ 'network-ip6-cidr': '2001:db8:2::/64' }, '"2001:db8:1::1": expected an address in 2001:db8:2::/64'],
    [{ dns6: '2001:db8::53,dns.org' }, '--dns6 "2001:db8::53,dns.org": expected IPv6 addresses of hosts joined'],
  ])('is refused when it is something else: %j', async (changed, message) => {
    await expect(decoded('implement-network', { ...side, ...changed })).rejects.toThrow(message);
  });
});
