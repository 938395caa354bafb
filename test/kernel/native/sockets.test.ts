import { readdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/kernel/native.js';
import { openSocket, run, scratchNamespace } from './scratch.js';

const descriptors = () => readdirSync('/proc/self/fd').length;

describe('NativeSocket', () => {
  it('lives in the namespace it was opened in, and leaves the process where it was', async () => {
    const name = await scratchNamespace();
    run(['ip', 'link', 'add', 'only-here', 'type', 'bridge'], name);
    const before = native.identifyNamespace(undefined);
    const inside = await openSocket('route', name);
    const outside = await openSocket('route');
    expect(inside.namespace.inode).toBe(statSync(`/run/netns/${name}`).ino);
    expect(outside.namespace).toEqual(before);
    expect(native.identifyNamespace(undefined)).toEqual(before);
    const links = await inside.dump({ message: 'link.get', body: {} }, {});
    expect(links.map((link) => link.body.name)).toEqual(['lo', 'only-here']);
    const others = await outside.dump({ message: 'link.get', body: {} }, {});
    expect(others.map((link) => link.body.name)).not.toContain('only-here');
  });

  it('opens by name, path and descriptor', async () => {
    const name = await scratchNamespace();
    const byPath = await openSocket('netfilter', `/run/netns/${name}`);
    const byName = await openSocket('netfilter', name);
    expect(byPath.namespace).toEqual(byName.namespace);
    const own = await openSocket('netfilter', '/proc/self/ns/net');
    expect(own.namespace).toEqual(native.identifyNamespace(undefined));
  });

  it('says what is wrong with a namespace', async () => {
    await expect(openSocket('route', 'no-such-namespace')).rejects.toMatchObject({
      code: 'ENOENT',
      syscall: 'open',
      path: '/run/netns/no-such-namespace',
    });
    await expect(openSocket('route', '/etc/passwd')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'setns' });
    expect(() => native.NativeSocket.open('route', '..')).toThrow(TypeError);
    expect(() => native.NativeSocket.open('carrier pigeon' as 'route', undefined)).toThrow(TypeError);
  });

  it('cannot be made or used but through open', async () => {
    const Class = native.NativeSocket as unknown as new (...values: unknown[]) => unknown;
    expect(() => new Class()).toThrow(TypeError);
    expect(() => new Class({})).toThrow(TypeError);
    const socket = await openSocket('route');
    const foreign = Object.create(Object.getPrototypeOf(socket)) as typeof socket;
    expect(() => foreign.close()).toThrow(TypeError);
  });

  it('fails with EBADF when it is closed, and closes after what is under way', async () => {
    const socket = await openSocket('route');
    const before = socket.dump({ message: 'link.get', body: {} }, {});
    const closing = socket.close();
    const after = socket.dump({ message: 'link.get', body: {} }, {});
    expect(socket.closed).toBe(true);
    await expect(after).rejects.toMatchObject({ code: 'EBADF' });
    expect((await before).length).toBeGreaterThan(0);
    await closing;
    await socket.close();
  });

  it('leaks no descriptors', async () => {
    const name = await scratchNamespace();
    await openSocket('route', name);
    // The /proc in which sysctls are looked up stays.
    await native.readSysctl(name, 'net.ipv4.ip_forward');
    const before = descriptors();
    for (let turn = 0; turn < 50; turn += 1) {
      const socket = await native.NativeSocket.open(turn % 2 ? 'route' : 'netfilter', name);
      await socket.close();
      await expect(native.NativeSocket.open('route', 'no-such-namespace')).rejects.toThrow();
      await expect(native.createNamespace(name)).rejects.toMatchObject({ code: 'EEXIST' });
      await native.readSysctl(name, 'net.ipv4.ip_forward');
    }
    expect(descriptors()).toBe(before);
  });

  it('is closed on a worker when it is garbage', async () => {
    const before = descriptors();
    for (let turn = 0; turn < 20; turn += 1) await native.NativeSocket.open('route', undefined);
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let turn = 0; turn < 20 && descriptors() > before; turn += 1) {
      collect();
      await sleep(10);
    }
    expect(descriptors()).toBeLessThanOrEqual(before);
  });
});
