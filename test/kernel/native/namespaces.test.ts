import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/kernel/native.js';
import { run, scratchName } from './scratch.js';

const listed = () =>
  run(['ip', 'netns', 'list'])
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name !== '')
    .sort();

/** What mountinfo says of a mount but for its numbers and namespace. */
const mountOf = (path: string) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[4] === path)
    .map((line) =>
      line
        .replace(/^\d+ \d+ /, '')
        .replace(/net:\[\d+\]/, 'net:[]')
        .replace(/shared:\d+/, 'shared:'),
    );

describe('namespaces', () => {
  it('are as `ip netns add` makes them', async () => {
    const ours = scratchName();
    const theirs = scratchName();
    const first = scratchName();
    // Only with the first one all mounts are made shared; the others are from the beginning.
    await native.createNamespace(first);
    await native.createNamespace(ours);
    run(['ip', 'netns', 'add', theirs]);
    expect(listed()).toEqual(expect.arrayContaining([ours, theirs]));
    // Other tests make namespaces of their own meanwhile.
    const own = (names: readonly string[]) => names.filter((name) => name === ours || name === theirs).sort();
    expect(own(await native.listNamespaces())).toEqual(own(listed()));
    const [one, other] = [statSync(`/run/netns/${ours}`), statSync(`/run/netns/${theirs}`)];
    expect(one.mode).toBe(other.mode);
    expect(one.dev).toBe(other.dev);
    expect(one.ino).not.toBe(other.ino);
    for (const own of [first, ours]) {
      expect(mountOf(`/run/netns/${own}`).map((line) => line.replace(own, ''))).toEqual(
        mountOf(`/run/netns/${theirs}`).map((line) => line.replace(theirs, '')),
      );
    }
    await native.deleteNamespace(first);
    expect(mountOf('/run/netns')).toHaveLength(1);
    expect(mountOf('/run/netns')[0]).toContain('shared:');
    expect(run(['ip', '-o', 'link'], ours)).toContain('lo: <LOOPBACK>');
    expect(native.isNamespace(ours)).toBe(true);
    expect(native.identifyNamespace(ours)).toEqual({ device: one.dev, inode: one.ino });
    await native.deleteNamespace(theirs);
    run(['ip', 'netns', 'delete', ours]);
    expect(listed()).not.toContain(ours);
    expect(listed()).not.toContain(theirs);
    expect(native.isNamespace(ours)).toBe(false);
  });

  it('are refused when the name is taken or is none', async () => {
    const name = scratchName();
    await native.createNamespace(name);
    const before = native.identifyNamespace(name);
    await expect(native.createNamespace(name)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(native.identifyNamespace(name)).toEqual(before);
    for (const bad of ['', '.', '..', 'a/b', 'a\0b', 'x'.repeat(256)]) {
      await expect(native.createNamespace(bad)).rejects.toMatchObject({ code: 'EINVAL' });
      await expect(native.deleteNamespace(bad)).rejects.toMatchObject({ code: 'EINVAL' });
    }
    await expect(native.deleteNamespace(scratchName())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('can be deleted when only half made', async () => {
    const name = scratchName();
    writeFileSync(`/run/netns/${name}`, '');
    expect(native.isNamespace(name)).toBe(false);
    expect(() => native.identifyNamespace(name)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    await native.deleteNamespace(name);
    expect(await native.listNamespaces()).not.toContain(name);
  });

  it('can be many at once', async () => {
    const names = Array.from({ length: 24 }, scratchName);
    await Promise.all(names.map((name) => native.createNamespace(name)));
    expect(await native.listNamespaces()).toEqual(expect.arrayContaining(names));
    const inodes = names.map((name) => native.identifyNamespace(name).inode);
    expect(new Set(inodes).size).toBe(names.length);
    expect(mountOf('/run/netns')).toHaveLength(1);
    await Promise.all(names.map((name) => native.deleteNamespace(name)));
  });

  it('are known by descriptor', async () => {
    const name = scratchName();
    await native.createNamespace(name);
    const descriptor = openSync(`/run/netns/${name}`, 'r');
    expect(native.identifyNamespace(descriptor)).toEqual(native.identifyNamespace(name));
    const socket = await native.NativeSocket.open('route', descriptor);
    expect(socket.namespace).toEqual(native.identifyNamespace(name));
    await socket.close();
    closeSync(descriptor);
  });
});
