import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeBlock, encodeBlock, type ToldFile } from '../../../src/state/guest-block.js';
import { encodePack } from '../../../src/state/guest-pack.js';
import { PackIndexes, withPack, withWholePack } from '../../../src/state/pack-file.js';
import { anyHostAddress } from '../model/arbitraries.js';

const anyFiles = fc.uniqueArray(
  fc.record({
    path: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    content: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  { selector: ({ path }) => path, minLength: 1, maxLength: 5 },
);
const anyGuests = fc.dictionary(anyHostAddress, anyFiles, { minKeys: 1, maxKeys: 6 });

function packOf(guests: Readonly<Record<string, readonly ToldFile[]>>): Buffer {
  return encodePack(
    new Map(Object.entries(guests).map(([guestIp, files]) => [guestIp, { block: encodeBlock(guestIp, files) }])),
  );
}

const read = (path: string, guestIp: string, indexes = new PackIndexes()) =>
  withPack(path, (pack) => pack?.files(guestIp) ?? [], indexes);

const plain = (files: readonly ToldFile[]) =>
  Object.fromEntries(files.map(({ path, content }) => [path, [...content]]).sort());

describe('a pack', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'pack-'));
    path = join(directory, 'metadata.pack');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('gives back what was put in, whole or guest by guest', () => {
    fc.assert(
      fc.property(anyGuests, (guests) => {
        writeFileSync(path, packOf(guests));
        for (const [guestIp, files] of Object.entries(guests)) {
          expect(plain(read(path, guestIp))).toEqual(plain(files));
          expect(withWholePack(path, (pack) => plain(pack?.files(guestIp) ?? []))).toEqual(plain(files));
        }
        expect(withPack(path, (pack) => pack?.addresses)?.sort()).toEqual(Object.keys(guests).sort());
        for (const name of ['0.0.0.0', '__proto__', 'toString']) expect(read(path, name)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('that is damaged anywhere is an error that names it, or says what it said, and nothing of another guest', () => {
    fc.assert(
      fc.property(anyGuests, fc.nat(), fc.integer({ min: 1, max: 255 }), (guests, position, difference) => {
        const bytes = packOf(guests);
        const at = position % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ difference;
        writeFileSync(path, bytes);
        for (const [guestIp, files] of Object.entries(guests)) {
          let said: object | undefined;
          try {
            said = plain(read(path, guestIp));
          } catch (error) {
            expect(String(error)).toContain(`StateError: ${path}: `);
            continue;
          }
          expect(said).toEqual(plain(files));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('that is cut off or has something after its end is an error', () => {
    const bytes = packOf({ '10.1.1.2': [{ path: 'user-data', content: Buffer.from('x') }] });
    const parts = Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length));
    for (const part of [...parts, Buffer.concat([bytes, Buffer.from('x')])]) {
      writeFileSync(path, part);
      expect(() => read(path, '10.1.1.2')).toThrow(`${path}: `);
      expect(() => withWholePack(path, (pack) => pack?.has('10.1.1.3'))).toThrow(
        /; remove the file and restart the network/,
      );
    }
  });

  it('is no other kind of file, and none when it is not there', () => {
    expect(withPack(path, (pack) => pack)).toBeUndefined();
    expect(withWholePack(path, (pack) => pack)).toBeUndefined();
    symlinkSync('/etc/passwd', path);
    expect(() => read(path, '10.1.1.2')).toThrow(/metadata\.pack: ELOOP/);
    expect(() => read('/etc', '10.1.1.2')).toThrow('/etc: is no regular file');
    writeFileSync(join(directory, 'empty'), '');
    expect(() => read(join(directory, 'empty'), '10.1.1.2')).toThrow('is no pack of user data');
  });

  it('that is replaced is read anew, and no more headers are kept than there is room for', () => {
    const guests = (text: string) => ({ '10.1.1.2': [{ path: 'user-data', content: Buffer.from(text) }] });
    const indexes = new PackIndexes(200);
    const said = (file: string) => read(file, '10.1.1.2', indexes).map(({ content }) => String(content));
    const names = Array.from({ length: 6 }, (_, index) => join(directory, String(index)));
    for (const name of names) writeFileSync(name, packOf(guests(name)));
    for (const name of [...names, ...names.toReversed()]) {
      expect(said(name)).toEqual([name]);
      expect(indexes.size).toBeLessThanOrEqual(200);
    }
    expect(indexes.size).toBeGreaterThan(0);
    const [first = ''] = names;
    said(first);
    rmSync(first);
    writeFileSync(first, packOf(guests('another')));
    expect(said(first)).toEqual(['another']);
  });
});

describe('the block of a guest', () => {
  const block = encodeBlock('10.1.1.2', [
    { path: 'user-data', content: Buffer.from([0, 255]) },
    { path: 'meta-data/instance-id', content: Buffer.from('i') },
  ]);

  it('is the same whatever order its files came in, and not another guest’s', () => {
    const files = decodeBlock(block, '10.1.1.2');
    expect(files.map(({ path }) => path)).toEqual(['meta-data/instance-id', 'user-data']);
    expect(encodeBlock('10.1.1.2', files).equals(block)).toBe(true);
    expect(() => decodeBlock(block, '10.1.1.3')).toThrow("what is kept of 10.1.1.3 is another guest's");
  });

  it('is refused when it is not whole', () => {
    for (let length = 0; length < block.length; length++) {
      expect(() => decodeBlock(block.subarray(0, length), '10.1.1.2')).toThrow(/^what is kept of 10\.1\.1\.2 /);
    }
  });
});
