import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import type { Command } from '../../../src/contract/command.js';
import {
  addForward,
  addStaticNat,
  assign,
  carryOut,
  deleteForward,
  deleteStaticNat,
  domainAfter,
  implement,
  implementTier,
  shutdown,
  tierTarget,
} from './builders.js';

const base = (...commands: Command[]) => domainAfter(implement(), assign('203.0.113.10'), ...commands);

describe('static NAT', () => {
  it('is added, repeated and moved', () => {
    const domain = base();
    expect(carryOut(domain, addStaticNat('203.0.113.10', '10.1.1.10'))).toMatchObject({
      changes: [{ kind: 'staticNat', before: undefined, after: { privateIp: '10.1.1.10' } }],
      endConnections: [],
    });
    expect(carryOut(domain, addStaticNat('203.0.113.10', '10.1.1.10'))).toMatchObject({
      changes: [],
      endConnections: [],
    });
    const moved = carryOut(domain, addStaticNat('203.0.113.10', '10.1.1.11'));
    expect(moved.changes).toMatchObject([{ before: { privateIp: '10.1.1.10' }, after: { privateIp: '10.1.1.11' } }]);
    // Connections of the guest that had the address are not the new one's.
    expect(moved.endConnections).toHaveLength(2);
  });

  it('is deleted by its public address, once', () => {
    const domain = base(addStaticNat('203.0.113.10', '10.1.1.10'));
    expect(carryOut(domain, deleteStaticNat('203.0.113.10'))).toMatchObject({ changes: [{ after: undefined }] });
    expect(carryOut(domain, deleteStaticNat('203.0.113.10'))).toMatchObject({ changes: [], endConnections: [] });
    expect(planCommand(deleteStaticNat(undefined), domain).notes).toHaveLength(1);
  });
});

describe('what adds to a network', () => {
  const adding = [
    addStaticNat('203.0.113.10', '10.1.1.10'),
    addForward('tcp 203.0.113.10:22', '10.1.1.10:22'),
  ] as const;

  it.each(adding)('is refused when the network is not there: $name', (command) => {
    expect(() => planCommand(command, domainAfter())).toThrow(
      `${command.name}: --network-id "42": namespace cs-net-42 does not exist; expected implement-network first`,
    );
    const gone = domainAfter(implementTier(1), implementTier(2), shutdown(tierTarget(1)));
    expect(() => planCommand({ ...command, target: tierTarget(1) }, gone)).toThrow(
      `${command.name}: --network-id "51": the network is not implemented in cs-vpc-9; expected implement-network first`,
    );
  });

  it.each(adding)('is refused when the public VLAN is not known: $name', (command) => {
    const anonymous = { ...command, publicVlan: undefined };
    expect(() => planCommand(anonymous, domainAfter(implement()))).toThrow('no VLAN is known for 203.0.113.10');
    expect(() => planCommand(anonymous, base())).not.toThrow();
  });
});

describe('a port forward', () => {
  it('is added, repeated and moved', () => {
    const domain = base();
    expect(carryOut(domain, addForward('tcp 203.0.113.10:2222', '10.1.1.10:22')).changes).toHaveLength(1);
    expect(carryOut(domain, addForward('tcp 203.0.113.10:2222', '10.1.1.10:22'))).toMatchObject({
      changes: [],
      endConnections: [],
    });
    expect(carryOut(domain, addForward('tcp 203.0.113.10:2222', '10.1.1.11:22'))).toMatchObject({
      changes: [{ key: 'tcp 203.0.113.10 2222' }],
      endConnections: [{ original: { destination: '203.0.113.10', protocol: 6, destinationPort: 2222 } }],
    });
    expect(domain.portForward.size).toBe(1);
  });

  it('is deleted by protocol, address and ports', () => {
    const domain = base(addForward('udp 203.0.113.10:5000-5009', '10.1.1.10:5000-5009'));
    for (const other of ['tcp 203.0.113.10:5000-5009', 'udp 203.0.113.10:5000', 'udp 3.0.113.10:5000-5009']) {
      expect(planCommand(deleteForward(other), domain)).toMatchObject({
        changes: [],
        notes: [expect.stringContaining('is not forwarded')],
      });
    }
    expect(carryOut(domain, deleteForward('udp 203.0.113.10:5000-5009')).endConnections).toEqual([
      { original: { destination: '203.0.113.10', protocol: 17 }, destinationPorts: { first: 5000, last: 5009 } },
    ]);
    expect(domain.portForward.size).toBe(0);
    expect(domain.rangeKeys.size).toBe(0);
  });

  const equal = 'tcp 203.0.113.10:100-109 → 100-109';
  const shifted = 'tcp 203.0.113.10:100-109 → 200-209';
  const single = 'tcp 203.0.113.10:105 → 22';
  /** What may stand beside what: a range of equal ports lies in a map of its own, and single ports go first. */
  it.each([
    [single, 'tcp 203.0.113.10:106 → 22', true],
    [single, 'udp 203.0.113.10:105 → 22', true],
    [single, 'tcp 203.0.113.11:105 → 22', true],
    [single, equal, true],
    [single, shifted, false],
    [equal, single, true],
    [equal, 'tcp 203.0.113.10:109-112 → 109-112', false],
    [equal, 'tcp 203.0.113.10:90-100 → 90-100', false],
    [equal, 'tcp 203.0.113.10:95-120 → 95-120', false],
    [equal, 'tcp 203.0.113.10:102-103 → 102-103', false],
    [equal, 'tcp 203.0.113.10:110-112 → 110-112', true],
    [equal, 'tcp 203.0.113.10:90-99 → 90-99', true],
    [equal, 'udp 203.0.113.10:100-109 → 100-109', true],
    [equal, 'tcp 203.0.113.11:100-109 → 100-109', true],
    [equal, 'tcp 203.0.113.10:109-112 → 209-212', true],
    [shifted, single, false],
    [shifted, 'tcp 203.0.113.10:110 → 22', true],
    [shifted, 'tcp 203.0.113.10:109-112 → 309-312', false],
    [shifted, 'tcp 203.0.113.10:110-112 → 310-312', true],
    [shifted, 'tcp 203.0.113.10:105-120 → 105-120', true],
  ])('%s and then %s: %s', (first, then, possible) => {
    const parse = (text: string) => {
      const [from = '', ports = ''] = text.split(' → ');
      return addForward(from, `10.1.1.10:${ports}`);
    };
    const domain = base(assign('203.0.113.11'), parse(first));
    const attempt = () => planCommand(parse(then), domain);
    if (possible) expect(attempt().changes).toHaveLength(1);
    else {
      expect(attempt).toThrow(
        /^add-port-forward: --public-port "[0-9-]+": overlaps the tcp forward of 203\.0\.113\.10:[0-9-]+ to 10\.1\.1\.10; expected ports of its own$/,
      );
    }
  });

  it('does not stand in its own way when it moves or shifts', () => {
    const domain = base(addForward('tcp 203.0.113.10:100-109', '10.1.1.10:100-109'));
    expect(planCommand(addForward('tcp 203.0.113.10:100-109', '10.1.1.11:100-109'), domain).changes).toHaveLength(1);
    expect(planCommand(addForward('tcp 203.0.113.10:100-109', '10.1.1.10:200-209'), domain).changes).toHaveLength(1);
  });
});
