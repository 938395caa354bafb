import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileBatch, native } from '../../../src/kernel/native.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function batch(files: Readonly<Record<string, string | Uint8Array>>): FileBatch {
  const contents = Object.values(files).map((content) => Buffer.from(content as string));
  return {
    root,
    paths: Object.keys(files).join('\0'),
    contents: Buffer.concat(contents),
    sizes: Uint32Array.from(contents, ({ length }) => length),
  };
}

describe('many files at once', () => {
  it.each([true, false])('are made with the directories they lie in, for root only (flushed: %s)', async (flush) => {
    await native.buildFiles(batch({ a: '1', 'b/c/d': Uint8Array.of(0, 255, 10), 'b/e': '', 'b/ü': 'ö' }), flush);
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('1');
    expect([...readFileSync(join(root, 'b/c/d'))]).toEqual([0, 255, 10]);
    expect(readdirSync(join(root, 'b')).sort()).toEqual(['c', 'e', 'ü']);
    for (const path of ['b', 'b/c']) expect(statSync(join(root, path)).mode & 0o7777).toBe(0o700);
    for (const path of ['a', 'b/c/d', 'b/e']) expect(statSync(join(root, path)).mode & 0o7777).toBe(0o600);
  });

  it('are more than can be open at once', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, number) => [`d${number % 7}/${number}`, `${number}`]),
    );
    await native.buildFiles(batch(many), true);
    expect(new Set(await native.compareFiles(batch(many)))).toEqual(new Set([1]));
    await native.flushFiles(batch(many));
  });

  it('take nothing that is there for theirs', async () => {
    writeFileSync(join(root, 'a'), 'old');
    await expect(native.buildFiles(batch({ b: '1', a: 'new' }), true)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('old');
    await expect(native.buildFiles(batch({ 'a/b': '1' }), false)).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(native.buildFiles({ ...batch({ a: '' }), root: join(root, 'none') }, true)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('lead nowhere else', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'outside-'));
    try {
      writeFileSync(join(outside, 'x'), '1');
      symlinkSync(outside, join(root, 'link'));
      symlinkSync(join(outside, 'x'), join(root, 'x'));
      await expect(native.buildFiles(batch({ 'link/new': '1' }), true)).rejects.toMatchObject({ code: 'ELOOP' });
      await expect(native.buildFiles(batch({ '../new': '1' }), true)).rejects.toMatchObject({ code: 'EXDEV' });
      expect([...(await native.compareFiles(batch({ 'link/x': '1', x: '1', '/etc/passwd': '1' })))]).toEqual([2, 2, 2]);
      expect(readdirSync(outside)).toEqual(['x']);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it('are taken away, and nothing else', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'outside-'));
    try {
      writeFileSync(join(outside, 'x'), '1');
      symlinkSync(outside, join(root, 'link'));
      symlinkSync(join(outside, 'x'), join(root, 'x'));
      mkdirSync(join(root, 'directory/below'), { recursive: true });
      writeFileSync(join(root, 'directory/a'), '1');
      const gone = batch({
        'directory/a': '',
        'directory/none': '',
        none: '',
        'none/a': '',
        x: '',
        'x/a': '',
        directory: '',
      });
      expect([...(await native.removeFiles(gone))]).toEqual([1, 0, 0, 0, 1, 0, 2]);
      expect(readdirSync(root).sort()).toEqual(['directory', 'link']);
      expect(readdirSync(join(root, 'directory'))).toEqual(['below']);
      await expect(native.removeFiles(batch({ 'link/x': '' }))).rejects.toMatchObject({ code: 'ELOOP' });
      await expect(native.removeFiles(batch({ '../x': '' }))).rejects.toMatchObject({ code: 'EXDEV' });
      expect(readdirSync(outside)).toEqual(['x']);
      expect([...(await native.removeFiles({ ...batch({ a: '' }), root: join(root, 'none') }))]).toEqual([0]);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it('are told apart by every byte', async () => {
    mkdirSync(join(root, 'directory'));
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 40_000 }),
        fc.uint8Array({ maxLength: 40_000 }),
        async (one, other) => {
          writeFileSync(join(root, 'a'), one);
          const isSame = Buffer.from(one).equals(Buffer.from(other));
          const found = await native.compareFiles(batch({ a: other, none: '', 'a/below': '', directory: '' }));
          expect([...found]).toEqual([isSame ? 1 : 2, 0, 0, 2]);
          expect([...(await native.compareFiles(batch({ a: one })))]).toEqual([1]);
        },
      ),
      { numRuns: 100 },
    );
    const long = Buffer.alloc(50_000, 'x');
    writeFileSync(join(root, 'a'), long);
    const last = Buffer.from(long);
    last[49_999] = 0;
    expect([...(await native.compareFiles(batch({ a: last })))]).toEqual([2]);
  });

  it.each([
    ['sizes that are too few', { sizes: new Uint32Array(1) }],
    ['sizes that are too many', { sizes: new Uint32Array(3) }],
    ['sizes that are too large', { sizes: Uint32Array.of(1, 2) }],
    ['contents that are left over', { contents: Buffer.alloc(3) }],
    ['a path without a name', { paths: 'a\0' }],
    ['another list of sizes', { sizes: Uint8Array.of(1, 1) as never }],
    ['no root', { root: undefined as never }],
  ])('are not read with %s', (_, wrong) => {
    expect(() => native.compareFiles({ ...batch({ a: '1', b: '2' }), ...wrong })).toThrow(TypeError);
  });
});
