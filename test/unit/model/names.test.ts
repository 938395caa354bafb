import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aclChain,
  dnatChain,
  egressChain,
  forwardChain,
  guestVeth,
  hostSide,
  ingressChain,
  isNamespaceName,
  networkNamespace,
  publicVeth,
  shortForm,
  snatChain,
  vpcNamespace,
  vpcSnatChain,
} from '../../../src/model/names.js';
import { anyIdentifier, anyVlan } from './arbitraries.js';

describe('veth names', () => {
  it.each([
    // The awkward fixture.
    [4094, '123456789012', 'vh-4094-1cbe991', 'vn-4094-1cbe991', 'cut'],
    [3999, '1048577', 'vh-3999-1048577', 'vn-3999-1048577', 'plain'],
    [4091, '987654321', 'vh-4091-3ade68b', 'vn-4091-3ade68b', 'cut'],
    ['untagged', '4001', 'vh-untagged-fa1', 'vn-untagged-fa1', 'shortened'],
    [1140, '40', 'vh-1140-40', 'vn-1140-40', 'plain'],
    // Too long in decimal, exactly right in hex.
    [4091, '16777215', 'vh-4091-ffffff', 'vn-4091-ffffff', 'shortened'],
  ] as const)('guest side of VLAN %s, id %s', (vlan, id, host, namespace, form) => {
    expect(guestVeth(vlan, id)).toEqual({ host, namespace, form });
  });

  it.each([
    [4093, '123456789012', 'vph-4093-1cbe99', 'vpn-4093-1cbe99', 'cut'],
    [3998, '1048577', 'vph-3998-100001', 'vpn-3998-100001', 'shortened'],
    [4092, '987654321', 'vph-4092-3ade68', 'vpn-4092-3ade68', 'cut'],
    ['untagged', '4001', 'vph-untagged-fa', 'vpn-untagged-fa', 'cut'],
    [101, '204', 'vph-101-204', 'vpn-101-204', 'plain'],
  ] as const)('public side of VLAN %s, id %s', (vlan, id, host, namespace, form) => {
    expect(publicVeth(vlan, id)).toEqual({ host, namespace, form });
  });

  it('tells that a shortened name can be the plain name of another network', () => {
    expect(publicVeth(3998, '100001')).toEqual({
      host: 'vph-3998-100001',
      namespace: 'vpn-3998-100001',
      form: 'plain',
    });
    expect(publicVeth(3998, '1048577').form).not.toBe('plain');
  });

  it('always fit, and ends always differ', () => {
    fc.assert(
      fc.property(anyVlan, anyIdentifier, (vlan, id) => {
        for (const { host, namespace, form } of [guestVeth(vlan, id), publicVeth(vlan, id)]) {
          expect(host.length).toBeLessThanOrEqual(15);
          expect(namespace.length).toBe(host.length);
          expect(namespace).not.toBe(host);
          expect(host.endsWith(`-${vlan}-${id}`)).toBe(form === 'plain');
        }
      }),
    );
  });
});

describe('names on the host', () => {
  it.each([
    ['eth1', 100, 'eth1.100', 'breth1-100', 'plain'],
    ['eth1', 'untagged', 'eth1', 'breth1-untagged', 'plain'],
    // The device is shortened to 6 hex digits of its MD5, each name on its own.
    ['enp129s0f0', 4094, 'enp129s0f0.4094', 'bread47f-4094', 'shortened'],
    ['enp129s0f0np0', 100, '5c3e1c.100', 'br5c3e1c-100', 'shortened'],
    ['enp129s0f0np0', 'untagged', 'enp129s0f0np0', 'br5c3e1c-untagg', 'cut'],
  ] as const)('%s, VLAN %s', (device, vlan, port, bridge, form) => {
    const names = hostSide(device, vlan);
    expect(names.form).toBe(form);
    expect(names.port).toBe(port);
    expect(names.bridge).toBe(bridge);
  });

  it('never give one name to two VLANs of a device', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9.]{0,14}$/), anyVlan, anyVlan, (device, one, other) => {
        fc.pre(one !== other);
        const [first, second] = [hostSide(device, one), hostSide(device, other)];
        expect(first.bridge).not.toBe(second.bridge);
        expect(first.port).not.toBe(second.port);
        expect(first.bridge.length).toBeLessThanOrEqual(15);
        expect(first.port.length).toBeLessThanOrEqual(15);
      }),
    );
  });
});

describe('other names', () => {
  it('are as HOST-BEHAVIOUR has them', () => {
    expect(networkNamespace('204')).toBe('cs-net-204');
    expect(vpcNamespace('7')).toBe('cs-vpc-7');
    expect(dnatChain('204')).toBe('CS_EXTNET_204_PR');
    expect(snatChain('204')).toBe('CS_EXTNET_204_POST');
    expect(vpcSnatChain('7')).toBe('CS_EXTNET_7_VPC_POST');
    expect(forwardChain('204')).toBe('CS_EXTNET_FWD_204');
    expect(egressChain('204')).toBe('CS_EXTNET_FWRULES_204');
    expect(ingressChain('203.0.113.100')).toBe('CS_EXTNET_FWI_203.0.113.100');
    expect(aclChain('310')).toBe('CS_EXTNET_ACL_310');
    expect(aclChain('310', 'IN')).toBe('CS_EXTNET_ACL_IN_310');
    expect(aclChain('310', 'OUT')).toBe('CS_EXTNET_ACL_OUT_310');
  });

  it('short forms are hex of numbers of any size, else MD5', () => {
    expect(shortForm('123456789012')).toBe('1cbe991a14');
    expect(shortForm('99999999999999999999')).toBe('56bc75e2d630fffff');
    expect(shortForm('tier-a')).toMatch(/^[0-9a-f]{6}$/);
  });

  it('namespaces are plain file names', () => {
    for (const good of ['cs-net-204', 'a', 'A.b_c-9', 'x'.repeat(64)]) expect(isNamespaceName(good)).toBe(true);
    for (const bad of ['', '.', '..', '.a', 'a/b', 'a b', 'a\n', 'ä', 'x'.repeat(65)])
      expect(isNamespaceName(bad)).toBe(false);
  });
});
