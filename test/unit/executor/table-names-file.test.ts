import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TableNamesFile } from '../../../src/executor/table-names.js';

let root: string;
let file: TableNamesFile;
const previous = process.umask();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tables-'));
  file = new TableNamesFile('cs-net-42', { configuration: join(root, 'etc'), defaults: join(root, 'share') });
  // As the daemon's.
  process.umask(0o077);
});
afterEach(() => {
  process.umask(previous);
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('the file with the names of tables', () => {
  it('is made with its directories for all to read, and goes with them', async () => {
    await file.write('100 isp2\n');
    expect(await file.read()).toBe('100 isp2\n');
    expect(statSync(file.path).mode & 0o777).toBe(0o644);
    for (const directory of ['etc/iproute2', 'etc/netns', 'etc/netns/cs-net-42', 'etc/netns/cs-net-42/iproute2']) {
      expect(statSync(join(root, directory)).mode & 0o777).toBe(0o755);
    }
    expect(readdirSync(dirname(file.path))).toEqual(['rt_tables']);
    await file.write('');
    expect(existsSync(join(root, 'etc/netns'))).toBe(false);
    await file.write('');
  });

  it('that is not there is empty', async () => {
    expect(await file.read()).toBe('');
    expect(await file.lines()).toEqual([]);
    expect((await file.names()).idOf({ name: 'isp2' })).toBeUndefined();
    expect((await file.names()).idOf({ name: 'main' })).toBe(254);
  });

  it('leaves what others have put beside it', async () => {
    put('etc/netns/cs-net-42/resolv.conf', 'nameserver 192.0.2.53\n');
    await file.write('100 isp2\n');
    await file.write('');
    expect(readdirSync(join(root, 'etc/netns/cs-net-42'))).toEqual(['resolv.conf']);
  });

  it('can be taken back', async () => {
    const undoFirst = await file.write('100 isp2\n');
    const undoSecond = await file.write('101 isp3\n');
    await undoSecond();
    expect(readFileSync(file.path, 'utf8')).toBe('100 isp2\n');
    await undoFirst();
    expect(existsSync(join(root, 'etc/netns'))).toBe(false);
    await file.write('100 isp2\n');
    const undoRemoval = await file.write('');
    await undoRemoval();
    expect(await file.read()).toBe('100 isp2\n');
  });

  it("counts before the host's own files, and these before the distribution's", async () => {
    put('share/iproute2/rt_tables', '400 share\n');
    put('share/iproute2/rt_tables.d/a.conf', '401 more\n');
    expect((await file.names()).nameOf(400)).toBe('share');
    expect((await file.names()).nameOf(401)).toBe('more');
    expect(await file.lines()).toEqual(['400 share', '401 more']);
    put('etc/iproute2/rt_tables', '# comment\n300 host\n100 other\n');
    put('etc/iproute2/rt_tables.d/b.conf', '301 added\n');
    put('etc/iproute2/rt_tables.d/README', '302 no\n');
    expect(await file.lines()).toEqual(['300 host', '100 other', '301 added', '401 more']);
    await file.write('100 isp2\n');
    const names = await file.names();
    expect([100, 300, 301, 302, 400].map((id) => names.nameOf(id))).toEqual(['isp2', 'host', 'added', '302', '400']);
    expect(names.idOf({ name: 'other' })).toBe(100);
    expect(await file.lines()).toEqual(['100 isp2']);
  });
});
