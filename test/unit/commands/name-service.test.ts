import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import type { NameServiceCommand } from '../../../src/contract/name-service-command.js';
import { applyChange, invert } from '../../../src/model/change.js';
import type { Domain } from '../../../src/model/domain.js';
import { noNameService } from '../../../src/model/name-service.js';
import { dnsmasqEdits } from '../../../src/state/dnsmasq-edits.js';
import { destroy, domainAfter, implement, shutdown, target } from './builders.js';
import { addLease, addName, configure } from './name-service-builders.js';

const root = '/var/lib/cloudstack/network-namespace';
const config = (service: 'dhcp' | 'dns') => configure(service, { resolvers: ['192.0.2.53'], domain: 'a.org' });
const remove = (service: 'dhcp' | 'dns'): NameServiceCommand => ({
  name: `remove-${service}-subnet`,
  target: target(),
});
const mac = (number: number) => `02:01:00:00:00:${number.toString(16).padStart(2, '0')}`;
const ip = (number: number) => `10.1.1.${number}`;
const add = (number: number, address = number) => addLease(mac(number), ip(address), { hostname: `vm-${number}` });
const removed = (number: number | undefined, address: number | undefined): NameServiceCommand => ({
  name: 'remove-dhcp-entry',
  target: target(),
  mac: number === undefined ? undefined : mac(number),
  ip: address === undefined ? undefined : ip(address),
});
const name = (address: number, hostname: string) => addName(ip(address), hostname);
const unname = (address: number): NameServiceCommand => ({
  name: 'remove-dns-entry',
  target: target(),
  ip: ip(address),
});
const options = (nicId: number, value = '1400'): NameServiceCommand => ({
  name: 'set-dhcp-options',
  target: target(),
  nicId: String(nicId),
  options: value === '' ? [] : [[26, value]],
});

function domainWith(...commands: NameServiceCommand[]): Domain {
  const domain = domainAfter(implement());
  for (const command of commands)
    for (const change of planCommand(command, domain).changes) applyChange(domain, change);
  return domain;
}
const settings = (domain: Domain) => domain.nameService.get('42') ?? noNameService;
const leases = (domain: Domain) =>
  [...domain.lease.values()].map((lease) => `${lease.mac.slice(-2)} ${lease.ip.slice(7)}`);
const names = (domain: Domain) => [...domain.guestName.values()].map((one) => `${one.ip.slice(7)} ${one.hostname}`);

describe('DHCP and DNS of a network', () => {
  it('config-dhcp-subnet leaves DNS as it is', () => {
    expect(settings(domainWith(config('dhcp')))).toMatchObject({ dhcp: true, dns: 'unset' });
    expect(settings(domainWith(config('dns'), config('dhcp')))).toMatchObject({ dhcp: true, dns: 'on' });
    expect(settings(domainWith(config('dns'), remove('dns'), config('dhcp')))).toMatchObject({
      dhcp: true,
      dns: 'off',
    });
    expect(settings(domainWith(config('dns'), remove('dhcp')))).toMatchObject({ dhcp: false, dns: 'on' });
  });

  it('the first name turns DNS on, but not against remove-dns-subnet', () => {
    expect(settings(domainWith(config('dhcp'), name(10, 'web-1')))).toMatchObject({ dns: 'on' });
    expect(settings(domainWith(config('dns'), remove('dns'), name(10, 'web-1')))).toMatchObject({ dns: 'off' });
  });

  it('a lease turns DHCP on where no config-dhcp-subnet is sent', () => {
    expect(settings(domainWith(add(10)))).toMatchObject({ dhcp: true, dns: 'unset' });
  });

  it('an address has one NIC and a NIC one address', () => {
    expect(leases(domainWith(add(10), add(11), add(12, 10)))).toEqual(['0b 11', '0c 10']);
    expect(leases(domainWith(add(10), add(10, 20)))).toEqual(['0a 20']);
    expect(names(domainWith(add(10), name(10, 'web-1'), add(10, 20)))).toEqual([]);
    expect(names(domainWith(name(10, 'web-1'), name(11, 'WEB-1')))).toEqual(['11 WEB-1']);
    expect(names(domainWith(name(10, 'web-1'), name(10, 'web-2')))).toEqual(['10 web-2']);
  });

  it('removing a NIC takes its name and options, and nothing that is another NIC by now', () => {
    expect(names(domainWith(add(10), name(10, 'web-1'), removed(10, 10)))).toEqual([]);
    expect(names(domainWith(add(10), name(10, 'web-1'), removed(undefined, 10)))).toEqual([]);
    const later = domainWith(add(10), add(11, 10), name(10, 'web-2'), removed(10, 10));
    expect(leases(later)).toEqual(['0b 10']);
    expect(names(later)).toEqual(['10 web-2']);
    expect(domainWith(add(10), options(5), removed(10, 10)).nicOptions.size).toBe(0);
  });

  it('options belong to the NIC that was added last, and stay with it', () => {
    const owner = (domain: Domain, nicId: number) => domain.nicOptions.get(`42 ${nicId}`)?.mac;
    expect(owner(domainWith(add(10), add(11), options(5)), 5)).toBe(mac(11));
    expect(owner(domainWith(add(10), add(11), add(10), options(5)), 5)).toBe(mac(10));
    expect(owner(domainWith(add(10), options(5), add(11), options(5, '1300')), 5)).toBe(mac(10));
    expect(owner(domainWith(add(10), options(5), add(11), options(6)), 6)).toBe(mac(11));
    expect(owner(domainWith(add(10), options(5), add(12, 10)), 5)).toBe(mac(12));
    expect(domainWith(add(10), options(5), options(5, '')).nicOptions.size).toBe(0);
    expect(owner(domainWith(options(5)), 5)).toBeUndefined();
  });

  it('nobody becomes the data server', () => {
    expect(names(domainWith(config('dns'), name(66, 'Data-Server')))).toEqual([]);
  });

  it('revoking what is not there does nothing', () => {
    const domain = domainWith();
    for (const command of [remove('dhcp'), remove('dns'), removed(10, 10), unname(10)]) {
      expect(planCommand(command, domain)).toMatchObject({ changes: [], services: [] });
    }
  });

  it('adding to a network that is not there is refused', () => {
    const domain = domainAfter(implement(), shutdown());
    for (const command of [config('dhcp'), config('dns'), add(10), name(10, 'a'), options(5)]) {
      expect(() => planCommand(command, domain)).toThrow(/expected implement-network first/);
    }
  });

  it('shutdown keeps what is known for the next implement, destroy keeps nothing', () => {
    const kept = domainWith(config('dns'), add(10), name(10, 'web-1'), options(5));
    for (const change of planCommand(shutdown(), kept).changes) applyChange(kept, change);
    expect([kept.lease.size, kept.guestName.size, kept.nicOptions.size, kept.nameService.size]).toEqual([1, 1, 1, 1]);
    expect(planCommand(implement(), kept).services).toContainEqual({ service: 'dnsmasq', networkId: '42', freed: [] });
    for (const change of planCommand(destroy(), kept).changes) applyChange(kept, change);
    expect([kept.lease.size, kept.guestName.size, kept.nicOptions.size, kept.nameService.size]).toEqual([0, 0, 0, 0]);
  });

  it('any history: repeats change nothing but an order, files written step by step are those written at once, and undoing undoes', () => {
    const anyNumber = fc.integer({ min: 10, max: 13 });
    const anyCommand = fc.oneof(
      fc.constantFrom(config('dhcp'), config('dns'), remove('dhcp'), remove('dns')),
      fc.tuple(anyNumber, anyNumber).map(([one, other]) => add(one, other)),
      fc.tuple(anyNumber, anyNumber).map(([one, other]) => removed(one, other)),
      fc.tuple(anyNumber, fc.constantFrom('a', 'b', 'c')).map(([one, text]) => name(one, text)),
      anyNumber.map(unname),
      fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom('', '1300', '1400'))
        .map(([one, value]) => options(one, value)),
    );
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 20 }), (commands) => {
        const domain = domainAfter(implement());
        const files = new Map<string, string | undefined>();
        for (const command of commands) {
          const { changes } = planCommand(command, domain);
          const edits = dnsmasqEdits(domain, changes, root);
          const sizes = () => [domain.lease.size, domain.guestName.size, domain.nicOptions.size];
          const before = sizes();
          for (const change of changes) applyChange(domain, change);
          // Whether the changes are made already or not, the files are the same.
          expect(dnsmasqEdits(domain, changes, root)).toEqual(edits);
          for (const change of invert(changes)) applyChange(domain, change);
          expect(sizes()).toEqual(before);
          for (const change of changes) applyChange(domain, change);
          for (const edit of edits) files.set(edit.path, 'content' in edit ? String(edit.content) : undefined);
          const again = planCommand(command, domain).changes;
          expect(
            dnsmasqEdits(domain, again, root).filter(
              (edit) => 'content' in edit && files.get(edit.path) !== edit.content,
            ),
          ).toEqual([]);
          const addresses = [...domain.lease.values()].map((lease) => lease.ip);
          expect(new Set(addresses).size).toBe(addresses.length);
        }
        const service = domain.nameService.get('42');
        if (service === undefined) return;
        const everything = [{ kind: 'nameService', key: '42', before: service, after: service } as const];
        for (const edit of dnsmasqEdits(domain, everything, root)) {
          const content = 'content' in edit ? edit.content : undefined;
          expect(
            files.get(edit.path) ??
              (edit.path.endsWith('.conf') ? undefined : files.has(edit.path) ? undefined : content),
          ).toBe(content);
        }
      }),
      { numRuns: 300 },
    );
  });
});
