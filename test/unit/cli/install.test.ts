import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { install } from '../../../src/cli/install/install.js';
import { uninstall } from '../../../src/cli/install/uninstall.js';
import { unitFiles } from '../../../src/cli/install/units.js';
import { temporaryDirectory } from '../daemon/temporary-directory.js';

const clientBytes = (version: string) => `\x7fELF…@cloudstack-netns native client@ ${version}`;
const wrapper = 'etc/cloudstack/extensions/net/net-wrapper.sh';
const lib = 'usr/lib/cloudstack-netns';

/** A built package and an empty root to install into. */
function bench() {
  const directory = temporaryDirectory();
  const root = join(directory, 'root');
  const at = (path: string) => join(root, path);
  const packaged = (path: string, content: string) => {
    mkdirSync(join(directory, 'package', path, '..'), { recursive: true });
    writeFileSync(join(directory, 'package', path), content);
  };
  packaged('bin/cloudstack-netns', 'script 1');
  packaged('bin/cloudstack-netns.cjs', 'program 1');
  packaged('bin/network-namespace-wrapper', clientBytes('1'));
  packaged('build/Release/cloudstack-netns.node', 'addon 1');
  const said: string[] = [];
  const composition = {
    bundle: join(directory, 'package/bin/cloudstack-netns'),
    socketPath: '/run/cloudstack-netns/daemon.sock',
    version: '1.0.0',
    loadHost: () => Promise.reject(new Error('there is no addon')),
  };
  const common = { root, composition, say: (line: string) => void said.push(line) };
  return {
    directory,
    at,
    packaged,
    said,
    read: (path: string) => readFileSync(at(path), 'latin1'),
    install: (name = 'net') => install({ ...common, name, node: '/usr/bin/node' }),
    uninstall: (name = 'net') => uninstall({ ...common, name }),
  };
}

/** Every path below, with what it is: to compare before and after. */
function tree(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((path) => {
        const full = join(directory, path);
        const status = lstatSync(full);
        const content = status.isSymbolicLink()
          ? readlinkSync(full)
          : status.isFile()
            ? readFileSync(full, 'latin1')
            : '';
        return [path, `${(status.mode & 0o7777).toString(8)} ${status.ino} ${content}`];
      }),
  );
}

describe('install', () => {
  it('puts everything in place', async () => {
    const { install, at, read } = bench();
    await install();
    expect(read(wrapper)).toBe(Buffer.from(clientBytes('1')).toString('latin1'));
    expect(statSync(at(wrapper)).mode & 0o777).toBe(0o755);
    expect(read(`${lib}/cloudstack-netns.js`)).toBe('script 1');
    expect(read(`${lib}/cloudstack-netns.cjs`)).toBe('program 1');
    expect(JSON.parse(read(`${lib}/package.json`))).toMatchObject({ type: 'commonjs', version: '1.0.0' });
    expect(readlinkSync(at(`${lib}/node`))).toBe('/usr/bin/node');
    expect(read(`${lib}/build/Release/cloudstack-netns.node`)).toBe('addon 1');
    expect(existsSync(at(`${lib}/network-namespace-wrapper`))).toBe(true);
    expect(read('usr/lib/systemd/system/cloudstack-netns.service')).toContain('KillMode=process\n');
    expect(read('usr/lib/systemd/system/cloudstack-netns.service')).toContain('Environment=MALLOC_ARENA_MAX=1\n');
    expect(read('usr/lib/systemd/system/cloudstack-netns.socket')).toContain('SocketMode=0600\n');
    expect(statSync(at('var/lib/cloudstack/net')).mode & 0o777).toBe(0o700);
    expect(existsSync(at('var/log/cloudstack/extensions/net'))).toBe(true);
  });

  it('changes nothing when repeated', async () => {
    const { install, at, said } = bench();
    await install();
    const before = tree(at('.'));
    said.length = 0;
    await install();
    expect(tree(at('.'))).toEqual(before);
    expect(said).toEqual([
      '/usr/lib/cloudstack-netns: up to date',
      '/etc/cloudstack/extensions/net/net-wrapper.sh: up to date',
    ]);
  });

  it('brings a new version by renaming, so that a running client is not disturbed', async () => {
    const { install, packaged, at, read } = bench();
    await install();
    const { ino } = statSync(at(wrapper));
    packaged('bin/network-namespace-wrapper', clientBytes('2'));
    await install();
    expect(read(wrapper)).toContain(' 2');
    expect(statSync(at(wrapper)).ino).not.toBe(ino);
    expect(readdirSync(at('etc/cloudstack/extensions/net'))).toEqual(['net-wrapper.sh']);
  });

  it('keeps a shell wrapper, which uninstall puts back', async () => {
    const { install, uninstall, at, read, said } = bench();
    mkdirSync(at('etc/cloudstack/extensions/net'), { recursive: true });
    writeFileSync(at(wrapper), '#!/bin/bash\n', { mode: 0o750 });
    const { ino } = statSync(at(wrapper));
    await install();
    expect(read(`${wrapper}.shell`)).toBe('#!/bin/bash\n');
    expect(said.join('\n')).toContain(
      "net-wrapper.sh.shell: the program that was there is kept here; 'uninstall --name net' puts it back",
    );
    await install();
    expect(read(`${wrapper}.shell`)).toBe('#!/bin/bash\n');
    await uninstall();
    expect(read(wrapper)).toBe('#!/bin/bash\n');
    expect(statSync(at(wrapper))).toMatchObject({ ino });
    expect(existsSync(at(`${wrapper}.shell`))).toBe(false);
  });

  it('keeps a wrapper that is a symbolic link as a link', async () => {
    const { install, at } = bench();
    mkdirSync(at('etc/cloudstack/extensions/net'), { recursive: true });
    symlinkSync('/opt/shared.sh', at(wrapper));
    await install();
    expect(lstatSync(at(wrapper)).isFile()).toBe(true);
    expect(readlinkSync(at(`${wrapper}.shell`))).toBe('/opt/shared.sh');
  });

  it('leaves no older addon that would be preferred', async () => {
    const { install, packaged, at, directory } = bench();
    await install();
    rmSync(join(directory, 'package/build'), { recursive: true });
    packaged('prebuilds/linux-x64/cloudstack-netns.node', 'addon 2');
    await install();
    expect(existsSync(at(`${lib}/build/Release/cloudstack-netns.node`))).toBe(false);
    expect(existsSync(at(`${lib}/prebuilds/linux-x64/cloudstack-netns.node`))).toBe(true);
  });

  it.each([
    ['bin/network-namespace-wrapper', /network-namespace-wrapper is missing: build/],
    ['bin/cloudstack-netns.cjs', /cloudstack-netns.cjs is missing: build/],
    ['build/Release/cloudstack-netns.node', /no addon/],
  ])('says when %s was not built, and changes nothing', async (file, expected) => {
    const { install, at, directory } = bench();
    rmSync(join(directory, 'package', file));
    await expect(install()).rejects.toThrow(expected);
    expect(existsSync(at('.'))).toBe(false);
  });

  it('works from an installed runtime too, for another name', async () => {
    const { install: first, at, said } = bench();
    await first();
    await install({
      name: 'second',
      root: at('.'),
      node: '/usr/bin/node',
      composition: {
        bundle: at(`${lib}/cloudstack-netns.js`),
        socketPath: '/run/cloudstack-netns/daemon.sock',
        version: '1.0.0',
      },
      say: (line) => void said.push(line),
    });
    expect(said).toContain('/usr/lib/cloudstack-netns: up to date');
    expect(existsSync(at('etc/cloudstack/extensions/second/second-wrapper.sh'))).toBe(true);
  });
});

describe('uninstall', () => {
  it('removes the runtime with the last extension; state and logs stay', async () => {
    const { install, uninstall, at } = bench();
    await install();
    await install('second');
    await uninstall();
    expect(existsSync(at(wrapper))).toBe(false);
    expect(existsSync(at(lib))).toBe(true);
    await uninstall('second');
    expect(existsSync(at(lib))).toBe(false);
    for (const unit of Object.keys(unitFiles('/s')))
      expect(existsSync(at(`usr/lib/systemd/system/${unit}`))).toBe(false);
    expect(existsSync(at('var/lib/cloudstack/net'))).toBe(true);
    expect(existsSync(at('var/log/cloudstack/extensions/net'))).toBe(true);
  });

  it('leaves a wrapper that is not ours alone, and may be repeated', async () => {
    const { uninstall, at, read, said } = bench();
    mkdirSync(at('etc/cloudstack/extensions/net'), { recursive: true });
    writeFileSync(at(wrapper), '#!/bin/bash\n');
    await uninstall();
    expect(read(wrapper)).toBe('#!/bin/bash\n');
    expect(said).toContain('/etc/cloudstack/extensions/net/net-wrapper.sh: not ours, left as it is');
    rmSync(at(wrapper));
    await uninstall();
    expect(said).toContain('/etc/cloudstack/extensions/net/net-wrapper.sh: not there');
  });
});
