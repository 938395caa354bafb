import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/kernel/native.js';
import { run, scratchNamespace } from './scratch.js';

describe('sysctls', () => {
  it('are written inside the namespace only', async () => {
    const name = await scratchNamespace();
    const outside = readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim();
    const other = outside === '1' ? '0' : '1';
    await native.writeSysctls(name, [{ name: 'net.ipv4.ip_forward', value: other }]);
    expect(await native.readSysctl(name, 'net.ipv4.ip_forward')).toBe(other);
    expect(run(['sysctl', '-n', 'net.ipv4.ip_forward'], name).trim()).toBe(other);
    expect(await native.readSysctl(undefined, 'net.ipv4.ip_forward')).toBe(outside);
    expect(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim()).toBe(outside);
  });

  it('reach interfaces with a dot in their name, in either spelling', async () => {
    const name = await scratchNamespace();
    run(['ip', 'link', 'add', 'eth1.100', 'type', 'bridge'], name);
    const failures = await native.writeSysctls(name, [
      { name: 'net/ipv4/conf/eth1.100/rp_filter', value: '2' },
      { name: 'net.ipv4.conf.eth1/100.arp_notify', value: '1' },
    ]);
    expect(failures).toEqual([]);
    expect(await native.readSysctl(name, 'net.ipv4.conf.eth1/100.rp_filter')).toBe('2');
    expect(await native.readSysctl(name, 'net/ipv4/conf/eth1.100/arp_notify')).toBe('1');
  });

  it('fail one by one', async () => {
    const name = await scratchNamespace();
    const failures = await native.writeSysctls(name, [
      { name: 'net.ipv4.no_such', value: '1' },
      { name: 'net.ipv4.ip_forward', value: '1' },
      { name: 'net.ipv4.ip_forward', value: 'nonsense' },
      { name: 'net/../../../tmp/x', value: '1' },
      { name: 'net..ipv4', value: '1' },
      { name: 'net./.x', value: '1' },
      { name: '', value: '1' },
    ]);
    expect(failures.map(({ index, code }) => [index, code])).toEqual([
      [0, 'ENOENT'],
      [2, 'EINVAL'],
      [3, 'EINVAL'],
      [4, 'EINVAL'],
      [5, 'EINVAL'],
      [6, 'EINVAL'],
    ]);
    expect(await native.readSysctl(name, 'net.ipv4.ip_forward')).toBe('1');
    await expect(native.readSysctl(name, 'net/../../etc/passwd')).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(native.writeSysctls('no-such-namespace', [])).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('are those of each namespace and link as they are now, however many were visited', async () => {
    const names = await Promise.all([scratchNamespace(), scratchNamespace(), scratchNamespace()]);
    for (let round = 0; round < 60; round++) {
      const values = names.map((_, index) => String((round + index) % 3));
      await Promise.all(
        names.map((name, index) =>
          native.writeSysctls(name, [{ name: 'net.ipv4.conf.default.rp_filter', value: values[index] as string }]),
        ),
      );
      const read = names.map((name) => native.readSysctl(name, 'net.ipv4.conf.default.rp_filter'));
      expect(await Promise.all(read)).toEqual(values);
    }
    const [name] = names as [string, string, string];
    const ofLink = 'net/ipv4/conf/link0/arp_notify';
    for (let round = 0; round < 2; round++) {
      await expect(native.readSysctl(name, ofLink)).rejects.toMatchObject({
        code: 'ENOENT',
        path: `/proc/sys/${ofLink}`,
      });
      run(['ip', 'link', 'add', 'link0', 'type', 'bridge'], name);
      expect(await native.readSysctl(name, ofLink)).toBe('0');
      expect(await native.writeSysctls(name, [{ name: ofLink, value: '1' }])).toEqual([]);
      expect(await native.readSysctl(name, ofLink)).toBe('1');
      run(['ip', 'link', 'del', 'link0'], name);
    }
  });
});
