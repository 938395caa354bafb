import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join, normalize } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namesOf } from '../../../src/services/metadata/request-path.js';
import { encodeBlock } from '../../../src/state/guest-block.js';
import { encodePack } from '../../../src/state/guest-pack.js';
import { ServiceBench } from './bench.js';

const guests = {
  '10.1.1.10': { 'user-data': Buffer.from([0, 255, 10, 13]), 'meta-data/instance-id': Buffer.from('one') },
  '10.1.1.11': { 'user-data': Buffer.from('secret of another') },
};

function writeTrees(bench: ServiceBench): void {
  for (const [guestIp, files] of Object.entries(guests)) {
    for (const [path, content] of Object.entries(files)) bench.write(`metadata/${guestIp}/latest/${path}`, content);
  }
  bench.write('metadata/10.1.1.10/latest/meta-data/.0123456789abcdef.tmp', 'half');
}

function writePack(bench: ServiceBench, told: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>): void {
  const blocks = Object.entries(told).map(([guestIp, files]) => {
    const list = Object.entries(files).map(([path, content]) => ({ path, content }));
    return [guestIp, { block: encodeBlock(guestIp, list) }] as const;
  });
  rmSync(join(bench.root, 'network-5/metadata.pack'), { force: true });
  bench.write('metadata.pack', encodePack(new Map(blocks)));
}

describe.each([
  ['in directories', writeTrees],
  ['in a pack', (bench: ServiceBench) => writePack(bench, guests)],
])('metadata %s', (_, write) => {
  let bench: ServiceBench;
  beforeEach(async () => {
    bench = await ServiceBench.open();
    write(bench);
    bench.write('passwords', '10.1.1.10=x\n');
  });
  afterEach(() => bench.close());

  it('is the bytes of the file, as plain text', async () => {
    const answer = await bench.get('/latest/user-data');
    expect(answer).toMatchObject({ status: 200, body: '\x00\xff\n\r' });
    expect(answer.headers).toMatchObject({ 'content-type': 'text/plain', 'content-length': '4' });
  });

  it.each([
    ['/latest', 'meta-data/\nuser-data\n'],
    ['/latest/', 'meta-data/\nuser-data\n'],
    ['//latest//meta-data/?recursive=true', 'instance-id\n'],
    ['http://10.1.1.1/latest/meta-data', 'instance-id\n'],
    ['/2009-04-04/meta-data/instance-id', 'one'],
    ['/2021-03-23/meta-data/instance-id', 'one'],
    ['/1.0/meta-data/instance-id', 'one'],
    ['/latest/meta-data/instance-id/', 'one'],
    ['/latest/meta%2Ddata/instance-id', 'one'],
    ['/latest/instance-id', 'one'],
    ['/', '1.0\n2009-04-04\nlatest\n'],
  ])('%s is %j', async (target, body) => {
    expect(await bench.get(target)).toMatchObject({ status: 200, body });
  });

  it.each([
    '/nothing',
    '/latest/nothing',
    '/latest/meta-data/instance-id/more',
    '/latest/instance-id/more',
    '/latest/nothing/instance-id',
    '/latest/meta-data/.0123456789abcdef.tmp',
    '/latest/.0123456789abcdef.tmp',
    '/latest/..',
    '/latest/../../10.1.1.11/latest/user-data',
    '/latest/%2e%2e/%2E%2e/10.1.1.11/latest/user-data',
    '/latest/..%2F..%2F10.1.1.11%2Flatest%2Fuser-data',
    '/latest/..%5c..%5c10.1.1.11',
    '/latest/%2f',
    '/latest/user-data%00',
    '/latest/%ff',
    '/latest/%',
    `/latest/${'a'.repeat(300)}`,
    '/10.1.1.11/latest/user-data',
    '/passwords',
    '/latest/../../../passwords',
  ])('%s is not found', async (target) => {
    expect((await bench.get(target)).status).toBe(404);
  });

  it('is known by the connection alone', async () => {
    for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Host', 'Via']) {
      expect((await bench.get('/latest/user-data', { [name]: '10.1.1.11' })).body).toBe('\x00\xff\n\r');
    }
    bench.guest = '10.1.1.12';
    expect((await bench.get('/')).status).toBe(404);
    expect((await bench.get('/latest/')).status).toBe(404);
  });

  it('answers HEAD without a body, and refuses what would change something', async () => {
    const answer = await bench.get('/latest/user-data', {}, { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '', headers: { 'content-length': '4' } });
    for (const method of ['PUT', 'POST', 'DELETE', 'OPTIONS'])
      expect((await bench.get('/latest/api/token', {}, { method })).status).toBe(405);
  });

  it('is sent again only when it is another', async () => {
    const { headers } = await bench.get('/latest/user-data');
    const same = { 'If-None-Match': `"x", ${headers.etag}` };
    expect(await bench.get('/latest/user-data', same)).toMatchObject({ status: 304, body: '' });
    expect((await bench.get('/latest/user-data', { 'If-None-Match': '"x"' })).status).toBe(200);
    const since = { 'If-Modified-Since': headers['last-modified'] ?? '' };
    expect((await bench.get('/latest/user-data', since)).status).toBe(304);
    expect((await bench.get('/latest/user-data', { ...since, 'If-None-Match': '"x"' })).status).toBe(200);
    expect((await bench.get('/latest/user-data', { 'If-Modified-Since': 'yesterday' })).status).toBe(200);
  });
});

describe('metadata in directories', () => {
  let bench: ServiceBench;
  beforeEach(async () => {
    bench = await ServiceBench.open();
    writeTrees(bench);
  });
  afterEach(() => bench.close());

  it('does not follow symbolic links, and opens nothing that is no file', async () => {
    const latest = join(bench.root, 'network-5/metadata/10.1.1.10/latest');
    symlinkSync('../../10.1.1.11/latest/user-data', join(latest, 'file'));
    symlinkSync('../../10.1.1.11/latest', join(latest, 'tree'));
    symlinkSync('10.1.1.11', join(bench.root, 'network-5/metadata/10.1.1.13'));
    expect((await bench.get('/latest/file')).status).toBe(404);
    expect((await bench.get('/latest/tree/user-data')).status).toBe(404);
    expect((await bench.get('/latest/')).body).toBe('meta-data/\nuser-data\n');
    bench.guest = '10.1.1.13';
    expect((await bench.get('/latest/../../10.1.1.13/latest/user-data')).status).toBe(404);
  });

  it('is sent again when its file is another', async () => {
    const { headers } = await bench.get('/latest/user-data');
    const same = { 'If-None-Match': headers.etag ?? '' };
    const since = { 'If-Modified-Since': headers['last-modified'] ?? '' };
    const file = join(bench.root, 'network-5/metadata/10.1.1.10/latest/user-data');
    const later = statSync(file).mtimeMs / 1000 + 2;
    utimesSync(file, later, later);
    expect((await bench.get('/latest/user-data', since)).status).toBe(200);
    expect((await bench.get('/latest/user-data', same)).status).toBe(200);
  });

  it('is sent whole when it is large', async () => {
    const large = Buffer.alloc(3_000_000, 'abcdefg');
    bench.write('metadata/10.1.1.10/latest/user-data', large);
    const { body, headers } = await bench.get('/latest/user-data');
    expect(headers['content-length']).toBe(String(large.length));
    expect(Buffer.from(body, 'latin1').equals(large)).toBe(true);
    expect((await bench.get('/latest/user-data', {}, { method: 'HEAD' })).body).toBe('');
  });

  it('lists no more than there is to get', async () => {
    mkdirSync(join(bench.root, 'network-5/metadata/10.1.1.10/latest/empty'));
    expect(await bench.get('/latest/empty/')).toMatchObject({ status: 200, body: '' });
  });
});

describe('metadata in a pack', () => {
  let bench: ServiceBench;
  beforeEach(async () => {
    bench = await ServiceBench.open();
    writePack(bench, guests);
  });
  afterEach(() => bench.close());

  it('is not there any more for a guest that has a directory', async () => {
    bench.write('metadata/10.1.1.10/latest/meta-data/instance-id', 'other');
    expect((await bench.get('/latest/meta-data/instance-id')).body).toBe('other');
    expect((await bench.get('/latest/user-data')).status).toBe(404);
    expect((await bench.get('/latest/')).body).toBe('meta-data/\n');
    rmSync(join(bench.root, 'network-5/metadata/10.1.1.10/latest'), { recursive: true });
    expect((await bench.get('/latest/user-data')).status).toBe(404);
    bench.guest = '10.1.1.11';
    expect((await bench.get('/latest/user-data')).body).toBe('secret of another');
  });

  it('has the same tag as long as it is the same, whoever else is told something new', async () => {
    const { headers } = await bench.get('/latest/user-data');
    const same = { 'If-None-Match': headers.etag ?? '' };
    writePack(bench, { ...guests, '10.1.1.12': { 'user-data': Buffer.from('new') } });
    expect((await bench.get('/latest/user-data', same)).status).toBe(304);
    writePack(bench, { '10.1.1.10': { 'user-data': Buffer.from([0, 255, 10, 14]) } });
    expect(await bench.get('/latest/user-data', same)).toMatchObject({ status: 200, body: '\x00\xff\n\x0e' });
    expect((await bench.get('/latest/meta-data/')).status).toBe(404);
  });

  it('that is damaged is told to nobody, but reported', async () => {
    bench.write('metadata.pack', 'CSNPACK1');
    expect((await bench.get('/latest/user-data')).status).toBe(500);
    expect(bench.reports.join()).toMatch(/metadata\.pack: is no pack of user data; remove the file/);
  });
});

describe('the path of a request', () => {
  it('never leads out of the guest’s tree, whatever is asked', () => {
    const hostile = fc.array(
      fc.oneof(
        fc.constantFrom('..', '.', '/', '%2e', '%2E%2E', '%2f', '%5c', '\\', '%00', '%', 'latest', 'meta-data', '//'),
        fc.string({ unit: 'binary', maxLength: 5 }),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(hostile, (parts) => {
        const names = namesOf(`/${parts.join('')}`);
        if (names === undefined) return;
        const path = join('/tree', ...names);
        expect(path).toBe(normalize(path));
        expect(names.length === 0 ? '/tree' : path.split('/').length).toBe(
          names.length === 0 ? '/tree' : names.length + 2,
        );
        expect(path === '/tree' || path.startsWith('/tree/')).toBe(true);
        for (const name of names) expect(name).not.toMatch(/^\.|[/\\]/);
      }),
      { numRuns: 2000 },
    );
  });
});
