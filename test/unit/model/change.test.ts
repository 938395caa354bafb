import { describe, expect, it } from 'vitest';
import { applyChange, change, invert, preview } from '../../../src/model/change.js';
import { Domain, type PortForward, portForwardKey } from '../../../src/model/domain.js';
import { contents } from '../commands/builders.js';

const forward = (first: number, last: number): PortForward => ({
  protocol: 'tcp',
  publicIp: '203.0.113.10',
  publicPorts: { first, last },
  privateIp: '10.1.1.10',
  privatePorts: { first, last },
});

function domainWith(...forwards: readonly PortForward[]): Domain {
  const domain = new Domain({ kind: 'network', id: '42' }, 'cs-net-42');
  for (const one of forwards)
    for (const edit of change(domain, 'portForward', portForwardKey(one), one)) applyChange(domain, edit);
  return domain;
}

describe('change', () => {
  it('is nothing when the value is there already, compared as a value', () => {
    const domain = domainWith(forward(22, 22));
    expect(change(domain, 'portForward', 'tcp 203.0.113.10 22', forward(22, 22))).toEqual([]);
    expect(change(domain, 'portForward', 'tcp 203.0.113.10 23', undefined)).toEqual([]);
    expect(
      change(domain, 'portForward', 'tcp 203.0.113.10 22', { ...forward(22, 22), privateIp: '10.1.1.11' }),
    ).toHaveLength(1);
  });
});

describe('applyChange and invert', () => {
  it('keep the index of ranges', () => {
    const domain = domainWith(forward(22, 22), forward(100, 109));
    expect(domain.ranges()).toEqual([forward(100, 109)]);
    const edits = change(domain, 'portForward', portForwardKey(forward(100, 109)), undefined);
    for (const edit of edits) applyChange(domain, edit);
    expect(domain.ranges()).toEqual([]);
    for (const edit of invert(edits)) applyChange(domain, edit);
    expect(domain.ranges()).toEqual([forward(100, 109)]);
  });

  it('undo edits of one key in the right order', () => {
    const domain = domainWith();
    const before = contents(domain);
    const key = '203.0.113.10';
    const edits = [];
    for (const privateIp of ['10.1.1.10', '10.1.1.11']) {
      const made = change(domain, 'staticNat', key, { publicIp: key, privateIp });
      for (const edit of made) applyChange(domain, edit);
      edits.push(...made);
    }
    for (const edit of invert(edits)) applyChange(domain, edit);
    expect(contents(domain)).toEqual(before);
  });
});

describe('preview', () => {
  it('shows networks and addresses as they will be, and touches nothing', () => {
    const domain = domainWith();
    const address = {
      address: '203.0.113.10',
      vlan: 200,
      prefix: 24,
      gateway: undefined,
      sourceNat: false,
      owner: '42',
      link: 'vpn-200-42',
    } as const;
    const added = change(domain, 'address', address.address, address);
    expect([...preview(domain, added).address.keys()]).toEqual(['203.0.113.10']);
    expect(domain.address.size).toBe(0);
    for (const edit of added) applyChange(domain, edit);
    expect(preview(domain, change(domain, 'address', address.address, undefined)).address.size).toBe(0);
    expect(domain.address.size).toBe(1);
  });
});
