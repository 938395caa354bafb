import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/kernel/native.js';
import { run, scratchNamespace } from './scratch.js';

describe('attributes of links', () => {
  it('are those of the links in the namespace, whatever /sys shows', async () => {
    const name = await scratchNamespace();
    run(['ip', 'link', 'add', 'br-scratch', 'type', 'bridge'], name);
    expect(existsSync('/sys/class/net/br-scratch')).toBe(false);
    expect(await native.readLinkAttribute(name, 'br-scratch', 'bridge/ageing_time')).toBe('30000');
    const failures = await native.writeLinkAttributes(name, [
      { link: 'br-scratch', name: 'bridge/ageing_time', value: '6000' },
      { link: 'br-scratch', name: 'queues/rx-0/rps_cpus', value: '1' },
    ]);
    expect(failures).toEqual([]);
    expect(await native.readLinkAttribute(name, 'br-scratch', 'bridge/ageing_time')).toBe('6000');
    expect(run(['ip', '-d', 'link', 'show', 'br-scratch'], name)).toContain('ageing_time 6000');
    expect(await native.readLinkAttribute(name, 'br-scratch', 'queues/rx-0/rps_cpus')).toMatch(/^[0,]*1$/);
    await expect(native.readLinkAttribute(undefined, 'br-scratch', 'ifindex')).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(await native.readLinkAttribute(undefined, 'lo', 'ifindex')).toBe('1');
  });

  it('fail one by one', async () => {
    const name = await scratchNamespace();
    run(['ip', 'link', 'add', 'br-scratch', 'type', 'bridge'], name);
    const failures = await native.writeLinkAttributes(name, [
      { link: 'br-scratch', name: 'bridge/no_such', value: '1' },
      { link: 'no-such', name: 'ifalias', value: 'x' },
      { link: 'br-scratch', name: 'bridge/ageing_time', value: 'nonsense' },
      { link: 'br-scratch', name: 'ifalias', value: 'bridge' },
      { link: 'br-scratch', name: '../lo/ifalias', value: 'lo' },
      { link: 'lo/../br-scratch', name: 'ifalias', value: 'x' },
      { link: '..', name: 'lo/ifalias', value: 'x' },
      { link: '', name: 'ifalias', value: 'x' },
    ]);
    expect(failures.map(({ index, code }) => [index, code])).toEqual([
      [0, 'ENOENT'],
      [1, 'ENOENT'],
      [2, 'EINVAL'],
      [4, 'EINVAL'],
      [5, 'EINVAL'],
      [6, 'EINVAL'],
      [7, 'EINVAL'],
    ]);
    expect(await native.readLinkAttribute(name, 'br-scratch', 'ifalias')).toBe('bridge');
    await expect(native.readLinkAttribute(name, '..', 'net/lo/ifindex')).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(native.writeLinkAttributes('no-such-namespace', [])).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
