import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import type { PrepareNic, ReleaseNic } from '../../../src/contract/name-service-command.js';
import { dataServer, guestKey } from '../../../src/model/name-service.js';
import { carryOut, destroy, domainAfter, implement, saveUserData, shutdown, target } from './builders.js';
import { configure, prepareNic } from './name-service-builders.js';

const nic = { mac: '02:01:00:00:00:0a', ip: '10.1.1.10', hostname: 'web-1' };
const prepare = (given: Partial<PrepareNic> = {}) => prepareNic({ ...nic, gateway: '10.1.1.1', ...given });
const release = (given: Partial<ReleaseNic> = {}): ReleaseNic => ({
  name: 'release-nic',
  target: target(),
  mac: nic.mac,
  ip: nic.ip,
  ...given,
});
const key = guestKey('42', nic.mac);
const nameKey = guestKey('42', nic.ip);

describe('prepare-nic', () => {
  it('gives a lease where DHCP is served and a name where DNS is', () => {
    const withDhcp = domainAfter(implement(), configure('dhcp'), prepare());
    expect(withDhcp.lease.get(key)).toMatchObject({ ip: nic.ip, hostname: 'web-1', router: 'network' });
    expect(withDhcp.guestName.size).toBe(0);
    const withBoth = domainAfter(implement(), configure('dns'), prepare({ isDefaultNic: false }));
    expect(withBoth.lease.get(key)).toMatchObject({ router: 'none' });
    expect(withBoth.guestName.get(nameKey)).toMatchObject({ hostname: 'web-1' });
  });

  it('needs neither of them, and turns on none', () => {
    const domain = domainAfter(implement());
    expect(planCommand(prepare(), domain)).toMatchObject({ changes: [], services: [], files: [] });
  });

  it('is content with a NIC that has no address, no hardware address or no name', () => {
    const domain = domainAfter(implement(), configure('dns'));
    expect(planCommand(prepare({ ip: undefined }), domain).changes).toEqual([]);
    expect(planCommand(prepare({ mac: undefined, hostname: undefined }), domain).changes).toEqual([]);
    expect(planCommand(prepare({ mac: undefined }), domain).changes).toMatchObject([{ kind: 'guestName' }]);
    expect(planCommand(prepare({ hostname: undefined }), domain).changes).toMatchObject([{ kind: 'lease' }]);
  });

  it('does nothing again when it is repeated', () => {
    const domain = domainAfter(implement(), configure('dns'), prepare());
    expect(planCommand(prepare(), domain)).toMatchObject({ changes: [], services: [] });
  });

  it('leaves the name of the metadata server to the network', () => {
    const plan = planCommand(prepare({ hostname: 'Data-Server' }), domainAfter(implement(), configure('dns')));
    expect(plan.changes).toMatchObject([{ kind: 'lease' }]);
    expect(plan.notes).toEqual([`prepare-nic: the name ${dataServer} is the network's own; 10.1.1.10 has no name`]);
  });

  it('takes an address from the NIC that had it', () => {
    const domain = domainAfter(implement(), configure('dns'), prepare(), prepare({ mac: '02:01:00:00:00:0b' }));
    expect([...domain.lease.keys()]).toEqual([guestKey('42', '02:01:00:00:00:0b')]);
  });

  it('is refused without its network', () => {
    expect(() => planCommand(prepare(), domainAfter(shutdown()))).toThrow('expected implement-network first');
  });
});

describe('release-nic', () => {
  const known = () => domainAfter(implement(), configure('dns'), prepare(), saveUserData(nic.ip, { password: 'x' }));

  it('takes lease, name, user data and password of a NIC', () => {
    const domain = known();
    const plan = carryOut(domain, release());
    expect([domain.lease.size, domain.guestName.size]).toEqual([0, 0]);
    expect(plan).toMatchObject({
      services: [{ service: 'dnsmasq', networkId: '42', freed: [{ ip: nic.ip }] }],
      files: [
        { path: 'network-42/metadata/10.1.1.10', guests: [{ guestIp: nic.ip, isForgotten: true }] },
        { path: 'network-42/passwords', lines: [{ key: nic.ip, value: undefined }] },
      ],
    });
  });

  it('takes the user data, too, where neither DHCP nor DNS is served', () => {
    const plan = planCommand(release(), domainAfter(implement(), saveUserData(nic.ip)));
    expect(plan.files).toHaveLength(2);
    expect(plan).toMatchObject({ changes: [], services: [] });
  });

  it('leaves an address alone that is another NIC’s by now', () => {
    const domain = known();
    carryOut(domain, prepare({ mac: '02:01:00:00:00:0b' }));
    const plan = planCommand(release(), domain);
    expect(plan).toMatchObject({ changes: [], files: [] });
  });

  it('is content with whatever is not there', () => {
    for (const domain of [domainAfter(shutdown()), domainAfter(implement(), destroy())]) {
      expect(planCommand(release(), domain)).toMatchObject({ namespace: 'expect', changes: [], files: [] });
    }
    expect(planCommand(release({ mac: undefined, ip: undefined }), known())).toMatchObject({ changes: [], files: [] });
    const down = domainAfter(implement(), configure('dns'), prepare(), shutdown());
    expect(planCommand(release(), down).files).toHaveLength(2);
  });
});
