import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatOptionValue } from '../../../src/model/dhcp-option.js';
import type { Network } from '../../../src/model/domain.js';
import {
  dataServer,
  type GuestName,
  isLeaseName,
  type Lease,
  type NameService,
  type NicOptions,
} from '../../../src/model/name-service.js';
import { formatConfiguration, listenedLink, parseConfiguration } from '../../../src/state/dnsmasq-configuration.js';
import {
  formatHostLines,
  formatNames,
  formatNicOptions,
  formatOptionLines,
  parseHostLines,
  parseNames,
  parseNicOptions,
} from '../../../src/state/dnsmasq-lines.js';
import { dnsmasqPlaces } from '../../../src/state/dnsmasq-places.js';
import { injections } from '../model/injections.js';

const places = dnsmasqPlaces('/var/lib/cloudstack/network-namespace', '42');
const network: Network = {
  id: '42',
  active: true,
  vlan: 100,
  gateway: '10.1.1.1',
  cidr: { address: '10.1.1.0', prefix: 24 },
  extensionIp: '10.1.1.2',
  ipv6: undefined,
  link: 'vn-100-42',
};

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const anyName = label.filter((text) => text !== dataServer);
const anyAddress = fc
  .tuple(
    fc.integer({ min: 1, max: 223 }).filter((first) => first !== 127),
    fc.nat(255),
    fc.nat(255),
    fc.nat(255),
  )
  .map((octets) => octets.join('.'));
const anyMac = fc
  .array(fc.nat(255), { minLength: 5, maxLength: 5 })
  .map((bytes) => ['02', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':'));
const anyService: fc.Arbitrary<NameService> = fc.record({
  dhcp: fc.boolean(),
  dns: fc.constantFrom('unset' as const, 'on' as const, 'off' as const),
  resolvers: fc.uniqueArray(anyAddress, { maxLength: 3 }),
  domain: fc.option(
    fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => `${labels.join('.')}.org`),
    { nil: undefined },
  ),
});
const anyLease: fc.Arbitrary<Lease> = fc.record({
  networkId: fc.constant('42'),
  mac: anyMac,
  ip: anyAddress,
  hostname: fc.option(anyName.filter(isLeaseName), { nil: undefined }),
  router: fc.oneof(fc.constantFrom('network', 'none'), anyAddress),
});
const anyGuestName: fc.Arbitrary<GuestName> = fc.record({
  networkId: fc.constant('42'),
  ip: anyAddress,
  ipv6Address: fc.option(
    fc.nat(0xfffe).map((own) => `2001:db8::${(own + 1).toString(16)}`),
    { nil: undefined },
  ),
  hostname: anyName,
});
/** No name twice. */
const anyGuestNames = fc
  .uniqueArray(anyGuestName, { selector: ({ ip }) => ip })
  .map((names) => [...new Map(names.map((name) => [name.hostname, name])).values()]);
const anyOption = fc
  .tuple(fc.integer({ min: 1, max: 254 }), fc.oneof(fc.string(), anyAddress, label))
  .filter(([code, value]) => value !== '' && formatOptionValue(code, value) !== undefined);
const anyNic: fc.Arbitrary<NicOptions> = fc.record({
  networkId: fc.constant('42'),
  nicId: fc.nat().map(String),
  mac: fc.option(anyMac, { nil: undefined }),
  options: fc.uniqueArray(anyOption, { selector: ([code]) => code, minLength: 1, maxLength: 4 }),
});

describe('files of dnsmasq', () => {
  it('settings read back as they were written', () => {
    fc.assert(
      fc.property(anyService, (service) => {
        const text = formatConfiguration(network, service, places) ?? '';
        expect(parseConfiguration(text)).toEqual(service);
        expect(listenedLink(text)).toBe('vn-100-42');
      }),
    );
  });

  it('leases, names and options read back as they were written, in their order', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyLease, { selector: ({ mac }) => mac }),
        anyGuestNames,
        fc.uniqueArray(anyNic, { selector: ({ nicId }) => nicId }),
        (leases, names, nics) => {
          const hostLines = formatHostLines(leases, nics);
          expect(parseHostLines('42', hostLines, formatOptionLines(leases, nics))).toEqual({
            entries: leases,
            damaged: 0,
          });
          expect(parseNames('42', formatNames(names, '10.1.1.1'))).toEqual({ entries: names, damaged: 0 });
          expect(parseNicOptions('42', formatNicOptions(nics))).toEqual({ entries: nics, damaged: 0 });
        },
      ),
    );
  });

  it('lines are as HOST-BEHAVIOUR gives them', () => {
    const lease = { networkId: '42', mac: '02:01:00:00:00:0a', ip: '10.1.1.10', hostname: 'web-1', router: 'network' };
    const second = { ...lease, mac: '02:01:00:00:00:0b', ip: '10.1.1.11', hostname: undefined, router: 'none' };
    const nic: NicOptions = { networkId: '42', nicId: '502', mac: lease.mac, options: [[42, '192.0.2.1']] };
    expect(formatHostLines([lease, second], [])).toBe(
      '02:01:00:00:00:0a,10.1.1.10,web-1,infinite\nset:norouter_02_01_00_00_00_0b,02:01:00:00:00:0b,10.1.1.11,infinite\n',
    );
    expect(formatHostLines([lease], [nic])).toBe('set:nic_502,02:01:00:00:00:0a,10.1.1.10,web-1,infinite\n');
    expect(formatOptionLines([lease, second], [nic])).toBe(
      'tag:norouter_02_01_00_00_00_0b,option:router\ntag:nic_502,42,192.0.2.1\n',
    );
  });

  it('what the shell wrapper has written is understood', () => {
    const text =
      'port=53\ninterface=vn-100-42\n#no-hosts\ndhcp-range=10.1.1.2,static,12h\ndhcp-option=3,10.1.1.1\ndhcp-option=15,"a.org"\ndomain=a.org\nexpand-hosts\ndhcp-option=6,10.1.1.2,192.0.2.53\n';
    expect(parseConfiguration(text)).toEqual({ dhcp: true, dns: 'on', resolvers: ['192.0.2.53'], domain: 'a.org' });
    const lines = 'set:norouter_02_01_00_00_00_0B,02:01:00:00:00:0B,10.1.1.11,web-2,infinite\n';
    expect(parseHostLines('42', lines, 'dhcp-option=tag:norouter_x,3,0.0.0.0\n').entries).toEqual([
      { networkId: '42', mac: '02:01:00:00:00:0b', ip: '10.1.1.11', hostname: 'web-2', router: 'none' },
    ]);
  });

  it('an IPv6 address has the name of the guest that has it; one without is nobody’s', () => {
    const name = { networkId: '42', ip: '10.1.1.10', ipv6Address: '2001:db8::a', hostname: 'Web-1' };
    const text = formatNames([name], undefined);
    expect(text).toBe('10.1.1.10 Web-1\n2001:db8::a Web-1\n');
    expect(parseNames('42', `2001:DB8:0::b other\n${text.toLowerCase()}`)).toEqual({
      entries: [{ ...name, hostname: 'web-1' }],
      damaged: 0,
    });
    expect(parseNames('42', 'fe80::1 web-1\n')).toEqual({ entries: [], damaged: 1 });
  });

  it('the resolvers of a network whose gateway is one of them stay', () => {
    const service: NameService = { dhcp: true, dns: 'on', resolvers: ['10.1.1.1'], domain: undefined };
    expect(parseConfiguration(formatConfiguration(network, service, places) ?? '')).toEqual(service);
  });

  it('without a guest side there is no configuration', () => {
    const service: NameService = { dhcp: true, dns: 'on', resolvers: [], domain: undefined };
    expect(formatConfiguration({ ...network, link: undefined }, service, places)).toBeUndefined();
  });

  it('damaged lines are counted and do no harm', () => {
    for (const text of [...injections, '02:01:00:00:00:0a,10.1.1.10,a,b,infinite', '10.1.1.10,02:01:00:00:00:0a']) {
      expect(parseHostLines('42', text, text).entries).toEqual([]);
      expect(parseNicOptions('42', text).entries).toEqual([]);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        for (const lease of parseHostLines('42', text, text).entries)
          expect(formatHostLines([lease], []).split('\n')).toHaveLength(2);
        parseConfiguration(text);
        parseNames('42', text);
        parseNicOptions('42', text);
      }),
    );
  });
});
