import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import {
  destroy,
  destroyVpc,
  domainAfter,
  implement,
  implementTier,
  implementVpc,
  saveUserData,
  shutdown,
  tierTarget,
} from './builders.js';

const metadataAddress = { link: 'vn-100-42', address: '169.254.169.254', prefix: 32, label: 'metadata' };

describe('what a guest is told', () => {
  it('is put in its files, and can be asked for at the address for it', () => {
    const plan = planCommand(saveUserData('10.1.1.10', { password: 'x' }), domainAfter(implement()));
    expect(plan).toMatchObject({
      namespace: 'expect',
      links: { addresses: [metadataAddress] },
      changes: [{ kind: 'userData', key: '42', before: undefined }],
      files: [
        {
          path: 'network-42/metadata/10.1.1.10',
          guests: [{ guestIp: '10.1.1.10', files: [{ path: 'user-data', content: Buffer.from('#!/bin/sh') }] }],
          packed: false,
        },
        { path: 'network-42/passwords', lines: [{ key: '10.1.1.10', value: 'x' }] },
      ],
    });
  });

  it('is still there when the network is implemented again, with its address', () => {
    const domain = domainAfter(implement(), saveUserData('10.1.1.10'), shutdown());
    const plan = planCommand(implement(), domain);
    expect(plan.links.addresses).toEqual([{ link: 'vn-100-42', address: '10.1.1.1', prefix: 24 }, metadataAddress]);
    expect(plan.announcements).toContainEqual({ link: 'vn-100-42', address: '169.254.169.254' });
    expect(planCommand(implement(), domainAfter(implement())).links.addresses).toHaveLength(1);
  });

  it('is on the guest link of each tier', () => {
    const first = saveUserData('10.9.1.10', { target: tierTarget(1) });
    const second = saveUserData('10.9.2.10', { target: tierTarget(2) });
    const domain = domainAfter(implementTier(1), implementTier(2), first);
    expect(planCommand(second, domain).links.addresses).toEqual([{ ...metadataAddress, link: 'vn-101-9' }]);
    expect(planCommand(implementTier(2), domain).links.addresses).toHaveLength(1);
  });

  it('goes with the network', () => {
    expect(domainAfter(implement(), saveUserData('10.1.1.10'), destroy()).userData.size).toBe(0);
    const tier = saveUserData('10.9.1.10', { target: tierTarget(1) });
    expect(domainAfter(implementVpc(), implementTier(1), tier, destroyVpc()).userData.size).toBe(0);
  });

  it('asks for nothing when there is nothing to tell', () => {
    const nothing = saveUserData('10.1.1.10', { files: [{ path: 'user-data', content: Buffer.alloc(0) }] });
    const plan = planCommand(nothing, domainAfter(implement()));
    expect(plan).toMatchObject({ changes: [], links: { addresses: [] } });
    expect(plan.files).toMatchObject([{ path: 'network-42/metadata/10.1.1.10' }]);
  });

  it('is refused for a network that is not there', () => {
    const words = /^save-vm-data: --network-id "42": .* expected implement-network first$/;
    expect(() => planCommand(saveUserData('10.1.1.10'), domainAfter())).toThrow(words);
    expect(() => planCommand(saveUserData('10.1.1.10'), domainAfter(implement(), shutdown()))).toThrow(words);
  });
});
