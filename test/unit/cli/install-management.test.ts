import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installManagement, uninstallManagement } from '../../../src/cli/install/management.js';
import { temporaryDirectory } from '../daemon/temporary-directory.js';

const entry = 'usr/share/cloudstack-management/extensions/net/net.sh';
const bundle = (version: string) => `#!/usr/bin/env node\n// @cloudstack-netns management program@\n'${version}'\n`;

function bench(node = '/usr/bin/node') {
  const directory = temporaryDirectory();
  const root = join(directory, 'root');
  mkdirSync(join(directory, 'bin'));
  const packaged = (version: string) => writeFileSync(join(directory, 'bin/network-namespace'), bundle(version));
  packaged('1');
  const said: string[] = [];
  const common = { name: 'net', root, say: (line: string) => void said.push(line) };
  const composition = { bundle: join(directory, 'bin/cloudstack-netns') };
  return {
    root,
    packaged,
    said,
    at: (path: string) => join(root, path),
    install: () => installManagement({ ...common, node, composition }),
    uninstall: () => uninstallManagement(common),
  };
}

describe("the management server's program", () => {
  it('is one file that names its Node, and a directory for the log', async () => {
    const { install, at, said } = bench('/opt/node/bin/node');
    await install();
    const name = readFileSync(at(entry), 'utf8');
    expect(name).toBe(bundle('1').replace('/usr/bin/env node', '/opt/node/bin/node'));
    expect(statSync(at(entry)).mode & 0o777).toBe(0o755);
    expect(existsSync(at('var/log/cloudstack/extensions/net'))).toBe(true);
    expect(said).toEqual([`/${entry}: installed`]);
  });

  it('changes nothing when repeated, and brings a new version', async () => {
    const { install, packaged, at, said } = bench();
    await install();
    const { ino } = statSync(at(entry));
    await install();
    expect(statSync(at(entry)).ino).toBe(ino);
    expect(said).toEqual([`/${entry}: installed`, `/${entry}: up to date`]);
    packaged('2');
    await install();
    expect(readFileSync(at(entry), 'utf8')).toContain("'2'");
  });

  it('keeps the shell program, which uninstall puts back', async () => {
    const { install, uninstall, at, said } = bench();
    mkdirSync(join(at(entry), '..'), { recursive: true });
    writeFileSync(at(entry), '#!/bin/bash\n', { mode: 0o755 });
    await install();
    expect(readFileSync(`${at(entry)}.shell`, 'utf8')).toBe('#!/bin/bash\n');
    expect(said[0]).toContain("'uninstall --management --name net' puts it back");
    await uninstall();
    expect(readFileSync(at(entry), 'utf8')).toBe('#!/bin/bash\n');
    expect(existsSync(`${at(entry)}.shell`)).toBe(false);
    await uninstall();
    expect(said.at(-1)).toBe(`/${entry}: not ours, left as it is`);
  });

  it('is removed where nothing was before', async () => {
    const { install, uninstall, at } = bench();
    await install();
    await uninstall();
    expect(existsSync(at(entry))).toBe(false);
  });

  it.each(['node', '/opt/my node/bin/node'])('is not installed for %j', async (node) => {
    const { install, at } = bench(node);
    await expect(install()).rejects.toThrow(/--node .*expected/);
    expect(existsSync(at('.'))).toBe(false);
  });
});
