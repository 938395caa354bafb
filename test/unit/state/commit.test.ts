import {
  chmodSync,
  existsSync,
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
import type { FileEdit } from '../../../src/state/file-edit.js';
import { sweepHiddenDirectories } from '../../../src/state/hidden-directory.js';
import { StateError } from '../../../src/state/state-error.js';
import { commit } from './file-work.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'state-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Everything below a directory: path → content, directories as null. */
function tree(directory = root, prefix = ''): Record<string, string | null> {
  const found: Record<string, string | null> = {};
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) Object.assign(found, { [path]: null }, tree(join(directory, entry.name), `${path}/`));
    else found[path] = readFileSync(join(directory, entry.name), 'utf8');
  }
  return found;
}

async function done(edits: readonly FileEdit[]): Promise<void> {
  await (await commit(root, edits)).settle();
}

describe('commit', () => {
  it('writes files and makes directories, for root only', async () => {
    await done([
      { path: 'network-5/vlan', content: '100\n' },
      { path: 'network-5/ips/203.0.113.7', content: 'true\n' },
      { path: 'network-5/bytes', content: Uint8Array.of(0, 255) },
    ]);
    expect(readFileSync(join(root, 'network-5/ips/203.0.113.7'), 'utf8')).toBe('true\n');
    expect([...readFileSync(join(root, 'network-5/bytes'))]).toEqual([0, 255]);
    for (const directory of ['network-5', 'network-5/ips'])
      expect(statSync(join(root, directory)).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'network-5/vlan')).mode & 0o777).toBe(0o600);
    expect(Object.keys(tree()).sort()).toEqual([
      'network-5',
      'network-5/bytes',
      'network-5/ips',
      'network-5/ips/203.0.113.7',
      'network-5/vlan',
    ]);
  });

  it('makes the root itself', async () => {
    const before = root;
    root = join(root, 'var/lib/cloudstack/ext');
    await done([{ path: 'network-5/vlan', content: '1\n' }]);
    expect(statSync(root).mode & 0o777).toBe(0o700);
    root = before;
  });

  it('replaces a file by another one, and leaves one alone that is right already', async () => {
    await done([{ path: 'a', content: '1' }]);
    const first = statSync(join(root, 'a'));
    const same = await commit(root, [
      { path: 'a', content: '1' },
      { path: 'none', remove: true },
      { path: 'no/such/tree', removeTree: true },
    ]);
    expect(same.changed).toBe(0);
    expect(statSync(join(root, 'a')).ino).toBe(first.ino);
    expect(existsSync(join(root, 'no'))).toBe(false);
    await done([{ path: 'a', content: '2' }]);
    expect(statSync(join(root, 'a')).ino).not.toBe(first.ino);
  });

  it('removes files and trees, and creates nothing for it', async () => {
    await done([
      { path: 'n/ips/a', content: '1' },
      { path: 'n/ips/b', content: '2' },
      { path: 'n/c', content: '3' },
    ]);
    await done([
      { path: 'n/ips', removeTree: true },
      { path: 'n/c', remove: true },
    ]);
    expect(tree()).toEqual({ n: null });
    const absent = join(root, 'absent');
    await (
      await commit(
        absent,
        [
          { path: 'x/y', remove: true },
          { path: 'x', removeTree: true },
        ].slice(0, 1) as FileEdit[],
      )
    ).settle();
    expect(existsSync(absent)).toBe(false);
  });

  it('undoes everything', async () => {
    await done([
      { path: 'n/keep', content: 'old' },
      { path: 'n/gone', content: 'was here' },
      { path: 'n/ips/a', content: '1' },
    ]);
    const before = tree();
    const change = await commit(root, [
      { path: 'n/keep', content: 'new' },
      { path: 'n/gone', remove: true },
      { path: 'n/ips', removeTree: true },
      { path: 'm/deep/er', content: 'x' },
    ]);
    expect(change.changed).toBe(4);
    expect(tree()).not.toEqual(before);
    await change.undo();
    expect(tree()).toEqual(before);
    await expect(change.undo()).rejects.toThrow(StateError);
  });

  it.each([
    ['a directory where a file belongs', { path: 'n/dir', content: 'x' }],
    ['a file where a directory belongs', { path: 'n/keep/x', content: 'x' }],
    ['a file where a tree is removed', { path: 'n/keep', removeTree: true }],
  ] as [string, FileEdit][])('changes nothing when there is %s', async (_, bad) => {
    await done([
      { path: 'n/keep', content: 'old' },
      { path: 'n/dir/file', content: '1' },
    ]);
    const before = tree();
    await expect(
      commit(root, [{ path: 'n/other', content: 'x' }, { path: 'n/dir/file', remove: true }, bad]),
    ).rejects.toThrow(StateError);
    expect(tree()).toEqual(before);
  });

  it('puts everything back when an edit in the middle fails', async () => {
    await done([
      { path: 'n/a', content: 'old' },
      { path: 'n/gone', content: 'was' },
      { path: 'n/ips/x', content: '1' },
    ]);
    const before = tree();
    // In a directory that is yet to be made, a name that is too long is found out only when the temporary file gets it.
    const long = 'x'.repeat(255);
    const edits: FileEdit[] = [
      { path: 'n/a', content: 'new' },
      { path: 'n/gone', remove: true },
      { path: 'n/ips', removeTree: true },
      { path: `m/${long}`, content: 'fits' },
      { path: `m/${long}x`, content: 'does not' },
    ];
    await expect(commit(root, edits)).rejects.toThrow(/ENAMETOOLONG/);
    expect(tree()).toEqual(before);
  });

  it.each(['../x', 'a/../x', '/etc/x', '', 'a//b', './a', 'a/', 'a\0b', '..'])('refuses the path %j', async (path) => {
    for (const edit of [
      { path, content: '' },
      { path, remove: true },
      { path, removeTree: true },
    ] as FileEdit[]) {
      await expect(commit(root, [edit])).rejects.toThrow('does not lie inside the state directory');
    }
  });

  it('follows no symbolic link out of the tree', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'outside-'));
    try {
      writeFileSync(join(outside, 'file'), 'untouched');
      symlinkSync(outside, join(root, 'directory'));
      symlinkSync(join(outside, 'file'), join(root, 'file'));
      for (const edit of [
        { path: 'directory/new', content: 'x' },
        { path: 'directory/file', remove: true },
        { path: 'directory', removeTree: true },
        { path: 'file', content: 'x' },
        { path: 'file', remove: true },
      ] as FileEdit[]) {
        await expect(commit(root, [edit])).rejects.toThrow('symbolic link');
      }
      expect(readdirSync(outside)).toEqual(['file']);
      expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('untouched');
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it('takes a root that is a symbolic link', async () => {
    const other = mkdtempSync(join(tmpdir(), 'other-'));
    try {
      symlinkSync(other, join(root, 'link'));
      await (await commit(join(root, 'link'), [{ path: 'a/b', content: '1' }])).settle();
      expect(readFileSync(join(other, 'a/b'), 'utf8')).toBe('1');
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('refuses two edits of one file', async () => {
    await expect(
      commit(root, [
        { path: 'a', content: '1' },
        { path: 'a', remove: true },
      ]),
    ).rejects.toThrow('twice');
    await expect(
      commit(root, [
        { path: 'a', removeTree: true },
        { path: 'a/b', content: '' },
      ]),
    ).rejects.toThrow('twice');
  });

  it('keeps removed trees until they are settled, and sweeps those of the dead', async () => {
    await done([{ path: 'n/ips/a', content: '1' }]);
    const change = await commit(root, [{ path: 'n', removeTree: true }]);
    mkdirSync(join(root, '.removed-999999999-0/0'), { recursive: true });
    mkdirSync(join(root, '.removed-1-0'));
    mkdirSync(join(root, `.removed-${process.pid}-99999`));
    await sweepHiddenDirectories(root);
    expect(readdirSync(root).sort()).toEqual(expect.arrayContaining(['.removed-1-0']));
    expect(readdirSync(root)).toHaveLength(2);
    await change.settle();
    expect(readdirSync(root)).toEqual(['.removed-1-0']);
    await sweepHiddenDirectories(join(root, 'absent'));
  });

  it('undo of any edits gives back the tree', async () => {
    const path = fc.constantFrom('a', 'n/a', 'n/b', 'n/ips/a', 'm/x/y', 'm/z');
    const edit = fc.oneof(
      fc.record({ path, content: fc.constantFrom('', '1', '2') }),
      fc.record({ path, remove: fc.constant(true as const) }),
      fc.record({ path: fc.constantFrom('n', 'n/ips', 'm/x'), removeTree: fc.constant(true as const) }),
    );
    const list = fc.uniqueArray(edit, { selector: ({ path: unique }) => unique, maxLength: 6 });
    const apart = (edits: readonly FileEdit[]) =>
      !edits.some((one) => 'removeTree' in one && edits.some((other) => other.path.startsWith(`${one.path}/`)));
    await fc.assert(
      fc.asyncProperty(list.filter(apart), list.filter(apart), async (first, second) => {
        rmSync(root, { recursive: true });
        mkdirSync(root);
        await done(first);
        const before = tree();
        const change = await commit(root, second);
        const after = tree();
        for (const { path: edited, ...what } of second)
          expect(after[edited]).toBe('content' in what ? what.content : undefined);
        await change.undo();
        expect(tree()).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it.skipIf(process.getuid?.() === 0)('says what the system refused', async () => {
    chmodSync(root, 0o500);
    await expect(commit(root, [{ path: 'a', content: '1' }])).rejects.toThrow(/EACCES/);
  });
});
