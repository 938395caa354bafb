import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/model/change.js';
import type { Network } from '../../../src/model/domain.js';
import { advertisedLink, formatRadvdConfiguration } from '../../../src/state/radvd-configuration.js';
import { radvdEdits } from '../../../src/state/radvd-edits.js';
import { ipv6Side } from '../commands/builders.js';

const network: Network = {
  id: '42',
  active: true,
  vlan: 100,
  gateway: '10.1.1.1',
  cidr: { address: '10.1.1.0', prefix: 24 },
  extensionIp: '10.1.1.1',
  ipv6: { ...ipv6Side('2001:db8:1'), resolvers: ['2001:db8::53', '2001:db8::54'] },
  link: 'vn-100-42',
};
const path = 'network-42/radvd/radvd.conf';
const edit = (before: Network | undefined, after: Network | undefined): Change => ({
  kind: 'network',
  key: '42',
  before,
  after,
});

describe('radvd.conf', () => {
  it('advertises the network and its resolvers on the guest link', () => {
    const text = formatRadvdConfiguration('vn-100-42', network.ipv6 ?? ipv6Side(''));
    expect(text).toBe(`# Written by cloudstack-netns; changes are lost.
interface vn-100-42
{
  AdvSendAdvert on;
  MinRtrAdvInterval 5;
  MaxRtrAdvInterval 15;
  AdvDefaultLifetime 180;
  prefix 2001:db8:1::/64
  {
    AdvOnLink on;
    AdvAutonomous on;
  };
  RDNSS 2001:db8::53
  {
  };
  RDNSS 2001:db8::54
  {
  };
};
`);
    expect(advertisedLink(text)).toBe('vn-100-42');
    expect(advertisedLink('')).toBeUndefined();
  });

  it('is written with the network, stays while it is shut down, and goes when another machine is the gateway', () => {
    expect(radvdEdits([edit(undefined, network)])).toEqual([{ path, content: expect.stringContaining('/64') }]);
    expect(radvdEdits([edit(network, { ...network, active: false })])).toEqual([]);
    expect(radvdEdits([edit(network, undefined)])).toEqual([]);
    expect(radvdEdits([edit(network, { ...network, extensionIp: '10.1.1.2' })])).toEqual([{ path, remove: true }]);
    expect(radvdEdits([edit(undefined, { ...network, ipv6: undefined })])).toEqual([]);
    expect(radvdEdits([edit(undefined, { ...network, link: undefined })])).toEqual([]);
  });
});
