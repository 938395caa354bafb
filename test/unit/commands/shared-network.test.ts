import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { planTogether } from '../../../src/commands/plan-together.js';
import type { Command, NetworkTarget } from '../../../src/contract/command.js';
import { allSubjects, derive } from '../../../src/dataplane/derive.js';
import { Domain } from '../../../src/model/domain.js';
import { changeEdits } from '../../../src/state/change-edits.js';
import {
  addForward,
  addStaticNat,
  applyBalancing,
  applyFirewall,
  assign,
  balance,
  carryOut,
  contents,
  deleteForward,
  destroy,
  domainAfter,
  implement,
  release,
  saveUserData,
  shutdown,
  target,
} from './builders.js';
import { addLease, addName, configure, prepareNic } from './name-service-builders.js';

const sharedTarget = (changed: Partial<NetworkTarget> = {}) =>
  target({
    shared: { gateway: '10.1.1.1', cidr: { address: '10.1.1.0', prefix: 24 }, extensionIp: '10.1.1.11' },
    ...changed,
  });
const nothing = () => new Domain({ kind: 'network', id: '42' }, 'cs-net-42');
const nic = { mac: '02:01:00:00:00:0a', ip: '10.1.1.10', hostname: 'web-1' };
const service = { resolvers: [], domain: undefined };
const served: Command[] = [
  prepareNic({ target: sharedTarget(), ...nic }),
  configure('dhcp', { target: sharedTarget() }),
  configure('dns', { target: sharedTarget() }),
  addLease(nic.mac, nic.ip, { target: sharedTarget(), hostname: nic.hostname, ...service }),
  addName(nic.ip, nic.hostname, { target: sharedTarget() }),
  saveUserData(nic.ip, { target: sharedTarget() }),
  {
    name: 'restore-network',
    target: sharedTarget(),
    ...service,
    dhcp: true,
    dns: true,
    userData: true,
    guests: [{ ...nic, ipv6Address: undefined, isDefaultNic: true, files: [], password: undefined }],
  },
];

describe('a shared network', () => {
  it.each(served)('is built by $name when that is the first about it', (command) => {
    const domain = nothing();
    const plan = carryOut(domain, command);
    expect(plan).toMatchObject({
      namespace: 'ensure',
      links: {
        pairs: [{ host: 'vh-100-42' }],
        defaultRoute: { candidates: [{ gateway: '10.1.1.1', link: 'vn-100-42' }] },
      },
    });
    expect(plan.links.addresses).toContainEqual({ link: 'vn-100-42', address: '10.1.1.11', prefix: 24 });
    expect(domain.network.get('42')).toMatchObject({ active: true, gateway: '10.1.1.1', isShared: true });
    // Once it is there, nothing is built.
    expect(planCommand(command, domain)).toMatchObject({ namespace: 'expect', links: { pairs: [] } });
  });

  it('is as it is after implement-network and the command', () => {
    const { shared } = sharedTarget();
    const implemented = implement({ target: sharedTarget(), ...shared });
    for (const command of served) {
      expect(contents(domainAfter(command))).toEqual(contents(domainAfter(implemented, command)));
    }
  });

  it('is left as it was by the planning', () => {
    const domain = nothing();
    for (const command of served) planCommand(command, domain);
    expect(contents(domain)).toEqual(contents(nothing()));
  });

  it('is built in one transaction with the commands that wait behind the first', () => {
    const { plan, planned } = planTogether(served, nothing());
    expect(planned).toHaveLength(served.length);
    expect(plan).toMatchObject({ namespace: 'ensure' });
  });

  it('comes back with the VLAN it had, and is not built without one', () => {
    const [first] = served as [Command];
    const unknown = { ...first, target: sharedTarget({ vlan: undefined }) } as Command;
    expect(() => planCommand(unknown, nothing())).toThrow('network 42 is shared and not there yet: vlan is missing');
    const domain = domainAfter(first, shutdown(sharedTarget()));
    expect(planCommand(unknown, domain)).toMatchObject({ links: { pairs: [{ host: 'vh-100-42' }] } });
    const bare = { ...first, target: { ...target(), shared: {} } } as Command;
    expect(() => planCommand(bare, nothing())).toThrow('cidr is missing');
  });

  it('is not built by commands that take something away, or by any for another kind of network', () => {
    const removals: Command[] = [
      { name: 'release-nic', target: sharedTarget(), mac: nic.mac, ip: nic.ip },
      { name: 'remove-dhcp-entry', target: sharedTarget(), mac: nic.mac, ip: nic.ip },
      { name: 'remove-dns-subnet', target: sharedTarget() },
      destroy(sharedTarget()),
    ];
    for (const command of removals) expect(planCommand(command, nothing()).namespace).not.toBe('ensure');
    for (const command of served) {
      expect(() => planCommand({ ...command, target: target() } as Command, nothing())).toThrow(
        'implement-network first',
      );
    }
  });

  it('forwards nothing for its guests, who have another router, unless it has public addresses', () => {
    const [first] = served as [Command];
    const forwarding = (...more: Command[]) => {
      const domain = domainAfter(first, ...more);
      return allSubjects(domain)
        .flatMap((subject) => derive(domain, subject))
        .filter((one) => JSON.stringify(one).includes('"fromGuest"') || JSON.stringify(one).includes('"toGuest"'));
    };
    expect(forwarding()).toEqual([]);
    const address = assign('203.0.113.10', { target: sharedTarget() });
    expect(forwarding(address)).toHaveLength(2);
    expect(forwarding(address, release('203.0.113.10', sharedTarget()))).toEqual([]);
  });

  it('is known as one in its files', () => {
    const domain = nothing();
    const { changes } = carryOut(domain, served[0] as Command);
    expect(changeEdits(domain, changes)).toContainEqual({ path: 'network-42/guest-type', content: 'shared\n' });
  });
});

describe('a network that is ended and gone', () => {
  const ended = target({ isEnding: true, vlan: undefined });
  const late: Command[] = [
    ...served.map((command) => ({ ...command, target: ended }) as Command),
    addStaticNat('203.0.113.10', '10.1.1.10', { target: ended }),
    addForward('tcp 203.0.113.10:22', '10.1.1.10:22', { target: ended }),
    deleteForward('tcp 203.0.113.10:22', ended),
    applyFirewall(undefined, ended),
    applyBalancing([balance('203.0.113.10')], ['7'], ended),
    assign('203.0.113.10', { target: ended }),
    release('203.0.113.10', ended),
    shutdown(ended),
    destroy(ended),
  ];

  it.each(late)('is no failure for $name, and nothing is built', (command) => {
    for (const domain of [nothing(), domainAfter(implement(), shutdown())]) {
      const plan = planCommand(command, domain);
      expect(plan.namespace).not.toBe('ensure');
      expect(plan.changes.every(({ after }) => after === undefined || ('active' in after && !after.active))).toBe(true);
    }
  });

  it('is acted upon as long as it is there', () => {
    const domain = domainAfter(implement(), assign('203.0.113.10'));
    const there = addStaticNat('203.0.113.10', '10.1.1.10', { target: target({ isEnding: true }) });
    expect(planCommand(there, domain).changes).toHaveLength(1);
  });

  it('loses load balancer rules that are revoked, whatever else is sent', () => {
    const plan = planCommand(applyBalancing([balance('203.0.113.10')], ['7'], ended), nothing());
    expect(plan.files).toMatchObject([{ remove: true }]);
  });
});
