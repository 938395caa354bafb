import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import type { Command, RestoredGuest, RestoreNetwork } from '../../../src/contract/command.js';
import { applyChange } from '../../../src/model/change.js';
import type { Domain } from '../../../src/model/domain.js';
import { changeEdits } from '../../../src/state/change-edits.js';
import { dnsmasqEdits } from '../../../src/state/dnsmasq-edits.js';
import { commit } from '../state/file-work.js';
import { toldFiles } from '../state/told-files.js';
import { carryOut, domainAfter, implement, saveUserData, shutdown, target } from './builders.js';
import { addLease, addName, configure } from './name-service-builders.js';

const mac = (number: number) => `02:01:00:00:00:${number.toString(16).padStart(2, '0')}`;
const ip = (number: number) => `10.1.1.${number}`;
const file = (path: string, text: string) => ({ path, content: Buffer.from(text) });

/** The VM of a number. */
function vm(number: number, given: Partial<RestoredGuest> = {}): RestoredGuest {
  const files = [file('user-data', `data of ${number}`), file('meta-data/instance-id', `i-${number}`)];
  return {
    ip: ip(number),
    mac: mac(number),
    hostname: `vm-${number}`,
    ipv6Address: undefined,
    isDefaultNic: true,
    files,
    password: undefined,
    ...given,
  };
}

function restore(
  guests: readonly RestoredGuest[],
  given: Partial<Omit<RestoreNetwork, 'name' | 'guests'>> = {},
): RestoreNetwork {
  const settings = { resolvers: ['192.0.2.53'], domain: 'a.org', dhcp: true, dns: true, userData: true };
  return { name: 'restore-network', target: target(), ...settings, ...given, guests };
}

/** What CloudStack sends for one VM after the other instead. */
function single(guests: readonly RestoredGuest[], { dhcp, dns, userData }: RestoreNetwork): Command[] {
  const settings = { resolvers: ['192.0.2.53'], domain: 'a.org' };
  return [
    ...(dhcp ? [configure('dhcp', settings)] : []),
    ...(dns ? [configure('dns', settings)] : []),
    // config-dns-subnet is DHCP, too.
    ...(dns && !dhcp ? [{ name: 'remove-dhcp-subnet', target: target() } as const] : []),
    ...guests.flatMap(({ ip: address, mac: own, hostname, ipv6Address, isDefaultNic, files, password }): Command[] => [
      ...(dhcp && own !== undefined ? [addLease(own, address, { hostname, isDefaultNic })] : []),
      ...(dns && hostname !== undefined ? [addName(address, hostname, { ipv6Address })] : []),
      ...(userData && (files.length > 0 || password !== undefined) ? [saveUserData(address, { files, password })] : []),
    ]),
  ];
}

const removed = (number: number): Command => ({
  name: 'remove-dhcp-entry',
  target: target(),
  mac: mac(number),
  ip: ip(number),
});
const options = (nicId: number): Command => ({
  name: 'set-dhcp-options',
  target: target(),
  nicId: String(nicId),
  options: [[26, '1400']],
});

const kinds = ['nameService', 'lease', 'guestName', 'nicOptions', 'userData'] as const;
/** What the model holds of the services. Names have no order of their own. */
const model = (domain: Domain) =>
  Object.fromEntries(
    kinds.map((kind) => {
      const entries = [...domain[kind].entries()];
      return [kind, kind === 'guestName' ? entries.sort(([one], [other]) => (one < other ? -1 : 1)) : entries];
    }),
  );

/** Carries commands out on a model and on disk; both are as they are in the end. */
async function played(commands: readonly Command[]): Promise<{ readonly model: unknown; readonly files: unknown }> {
  const root = mkdtempSync(join(tmpdir(), 'csn-restored-'));
  try {
    const domain = domainAfter();
    for (const command of commands) {
      const plan = planCommand(command, domain);
      const edits = [...changeEdits(domain, plan.changes), ...dnsmasqEdits(domain, plan.changes, '/root')];
      for (const change of plan.changes) applyChange(domain, change);
      if (plan.namespace === 'ensure') domain.present = true;
      await (await commit(root, [...edits, ...plan.files])).settle();
    }
    const files = Object.entries(toldFiles(root)).map(([path, text]) => [path, inOrder(path, text)]);
    return { model: model(domain), files };
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Lines of names and passwords have no order of their own. */
function inOrder(path: string, text: string): string {
  return /\/(?:hosts|passwords)$/.test(path) ? text.split('\n').sort().join('\n') : text;
}

describe('restore-network', () => {
  const number = fc.integer({ min: 2, max: 9 });
  const guest = fc
    .record({ number, isDefaultNic: fc.boolean(), hasData: fc.boolean(), password: fc.boolean() })
    .map(({ number: one, isDefaultNic, hasData, password }) =>
      vm(one, {
        isDefaultNic,
        ...(hasData ? {} : { files: [] }),
        ...(password ? { password: `p${one}` } : {}),
      }),
    );
  const list = fc.uniqueArray(guest, { selector: (one) => one.ip, maxLength: 6 });
  const services = fc.record({ dhcp: fc.boolean(), dns: fc.boolean(), userData: fc.boolean() });

  it('ends as the same calls for one VM after the other do', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(list, services, async (guests, enabled) => {
        const all = restore(guests, enabled);
        expect(await played([implement(), all])).toEqual(await played([implement(), ...single(guests, all)]));
      }),
      { numRuns: 20 },
    );
  });

  it('ends so also over a network that has other VMs', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(list, list, async (before, guests) => {
        const all = restore(guests);
        const had = [implement(), ...single(before, all)];
        const gone = before.filter((one) => !guests.some(({ mac: own }) => own === one.mac));
        // The order of those that stay is that of the list.
        const ended = gone.map((one) => removed(Number(one.ip.split('.')[3])));
        expect(await played([...had, all])).toEqual(await played([...had, ...ended, ...single(guests, all)]));
      }),
      { numRuns: 20 },
    );
  });

  it('and single calls, in any order, end as single calls alone do', { timeout: 60_000 }, async () => {
    const vmOf = fc
      .record({ number, owner: fc.constantFrom('a', 'b'), parts: fc.subarray(['user-data', 'meta-data/x', 'y/z']) })
      .map(({ number: one, owner, parts }) => {
        const values = parts.map((path) => file(path, `${path} of ${owner}`));
        return vm(one, { hostname: undefined, files: [file('meta-data/instance-id', owner), ...values] });
      });
    const change = vmOf.chain(({ ip: address, files: [, ...files] }) =>
      fc
        .subarray(['user-data', 'meta-data/x', 'new'])
        .map((emptied) =>
          saveUserData(address, { files: [...files, ...emptied.map((path) => file(path, ''))].slice(-1) }),
        ),
    );
    const guests = fc.uniqueArray(vmOf, { selector: (one) => one.ip, maxLength: 6 });
    const step = fc.oneof(
      guests.map((one) => restore(one, { dhcp: false, dns: false })),
      guests.map((one) => single(one, restore(one, { dhcp: false, dns: false }))),
      change,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 5 }), async (steps) => {
        const mixed = steps.flat();
        const alone = mixed.flatMap((one) => (one.name === 'restore-network' ? single(one.guests, one) : [one]));
        expect(await played([implement(), ...mixed])).toEqual(await played([implement(), ...alone]));
      }),
      { numRuns: 40 },
    );
  });

  it('changes nothing the second time', () => {
    const all = restore([vm(2), vm(3, { isDefaultNic: false }), vm(4)]);
    const domain = domainAfter(implement(), all);
    expect(planCommand(all, domain).changes).toEqual([]);
  });

  it('ends leases and names of VMs that are not listed, not their data', () => {
    const domain = domainAfter(implement(), restore([vm(2), vm(3)]));
    const plan = carryOut(domain, restore([vm(3)]));
    expect([...domain.lease.values()].map((lease) => lease.ip)).toEqual([ip(3)]);
    expect([...domain.guestName.values()].map((name) => name.ip)).toEqual([ip(3)]);
    expect(plan.files.filter(({ path }) => path.includes(`/${ip(2)}/`))).toEqual([]);
    expect(plan.services).toEqual([
      {
        service: 'dnsmasq',
        networkId: '42',
        freed: [
          { ip: ip(3), keep: mac(3) },
          { ip: ip(2), keep: undefined },
        ],
      },
    ]);
  });

  it('keeps the options and the own router of a NIC that stays, also when two exchange their addresses', () => {
    const domain = domainAfter(implement(), restore([vm(2)]));
    for (const command of [options(7), ...single([vm(3)], restore([])), options(8)]) carryOut(domain, command);
    const own = { ...domain.lease.get(`42 ${mac(2)}`), router: '10.1.1.254' } as never;
    domain.lease.set(`42 ${mac(2)}`, own);
    carryOut(domain, restore([vm(2), vm(3)]));
    expect(domain.lease.get(`42 ${mac(2)}`)?.router).toBe('10.1.1.254');
    carryOut(domain, restore([vm(2, { ip: ip(3) }), vm(3, { ip: ip(2) })]));
    expect([...domain.nicOptions.values()].map((nic) => `${nic.nicId} ${nic.mac}`)).toEqual([
      `7 ${mac(2)}`,
      `8 ${mac(3)}`,
    ]);
    expect(domain.lease.get(`42 ${mac(2)}`)).toMatchObject({ ip: ip(3), router: 'network' });
    // A new card in an old VM.
    carryOut(domain, restore([vm(4, { ip: ip(3) })]));
    expect([...domain.nicOptions.values()].map((nic) => `${nic.nicId} ${nic.mac}`)).toEqual([`7 ${mac(4)}`]);
  });

  it('of two with one address takes the last', () => {
    const double = [vm(2), vm(3, { ip: ip(2) }), vm(4), vm(4, { ip: ip(5), hostname: 'vm-3' })];
    const domain = domainAfter(implement(), restore(double));
    expect([...domain.lease.values()].map((lease) => `${lease.mac} ${lease.ip}`)).toEqual([
      `${mac(3)} ${ip(2)}`,
      `${mac(4)} ${ip(5)}`,
    ]);
    expect([...domain.guestName.values()].map((name) => `${name.ip} ${name.hostname}`)).toEqual([`${ip(5)} vm-3`]);
  });

  it('runs only what is asked for, and ends what is not', () => {
    const data = restore([vm(2)], { dhcp: false, dns: false });
    expect(planCommand(data, domainAfter(implement()))).toMatchObject({
      services: [],
      changes: [{ kind: 'userData' }],
    });
    const domain = domainAfter(implement(), restore([vm(2)]), data);
    expect(domain.nameService.get('42')).toMatchObject({ dhcp: false, dns: 'off', domain: 'a.org' });
    expect(domain.lease.size).toBe(1);
    const names = domainAfter(implement(), restore([vm(2)], { dhcp: false, userData: false }));
    expect(names.nameService.get('42')).toMatchObject({ dhcp: false, dns: 'on' });
    expect([names.lease.size, names.guestName.size, names.userData.size]).toEqual([0, 1, 0]);
    expect(planCommand(restore([vm(2)], { userData: false }), domainAfter(implement())).files).toEqual([]);
  });

  it('gives no VM the name that leads to the metadata', () => {
    const plan = planCommand(restore([vm(2, { hostname: 'Data-Server' })]), domainAfter(implement()));
    expect(plan.notes).toEqual([`restore-network: the name data-server is the network's own; ${ip(2)} has no name`]);
    expect(plan.changes.filter(({ kind }) => kind === 'guestName')).toEqual([]);
  });

  it('is refused for a network that is not there', () => {
    const words = /^restore-network: --network-id "42": .* expected implement-network first$/;
    expect(() => planCommand(restore([]), domainAfter())).toThrow(words);
    expect(() => planCommand(restore([]), domainAfter(implement(), shutdown()))).toThrow(words);
  });
});
