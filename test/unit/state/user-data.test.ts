import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileEdit } from '../../../src/state/file-edit.js';
import { editLines, findLine } from '../../../src/state/key-lines.js';
import {
  forgetGuest,
  forgetPassword,
  type GuestData,
  writeGuestData,
  writeManyGuests,
} from '../../../src/state/user-data-edits.js';
import { anyHostAddress } from '../model/arbitraries.js';
import { commit } from './file-work.js';

describe('what guests are told, on disk', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'state-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const file = (path: string, text: string) => ({ path, content: Buffer.from(text) });
  const done = async (edits: readonly FileEdit[]) => (await commit(root, edits)).settle();
  const save = (data: Partial<GuestData>, guest = '10.1.1.10') =>
    done(writeGuestData('5', { guestIp: guest, files: [], password: undefined, ...data }));
  const files = () =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, withFileTypes: true, encoding: 'utf8' })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path.slice(root.length + '/network-5/'.length), readFileSync(path, 'utf8')]),
    );

  it('lies where the shell wrapper has it, for root only', async () => {
    await save({ files: [file('user-data', 'x'), file('meta-data/vm-id', '7')], password: 'p' });
    expect(files()).toEqual({
      'metadata/10.1.1.10/latest/user-data': 'x',
      'metadata/10.1.1.10/latest/meta-data/vm-id': '7',
      passwords: '10.1.1.10=p\n',
    });
    expect(statSync(join(root, 'network-5/passwords')).mode & 0o777).toBe(0o600);
    expect(statSync(join(root, 'network-5/metadata/10.1.1.10/latest')).mode & 0o777).toBe(0o700);
  });

  it('stays when it is not named, goes when it is empty', async () => {
    await save({ files: [file('user-data', 'x'), file('meta-data/instance-id', '1')], password: 'p' });
    await save({ files: [file('user-data', ''), file('meta-data/instance-id', '1')] });
    expect(files()).toEqual({ 'metadata/10.1.1.10/latest/meta-data/instance-id': '1', passwords: '10.1.1.10=p\n' });
    await save({ password: '' });
    expect(Object.keys(files())).toEqual(['metadata/10.1.1.10/latest/meta-data/instance-id']);
  });

  it('is not for the next guest with the address', async () => {
    await save({ files: [file('user-data', 'x'), file('meta-data/instance-id', '1')], password: 'p' });
    await save({ files: [file('user-data', 'y'), file('meta-data/instance-id', '9')], password: 'q' }, '10.1.1.11');
    await save({ files: [file('meta-data/instance-id', '2'), file('other/x', 'z')] });
    expect(files()).toEqual({
      'metadata/10.1.1.10/latest/meta-data/instance-id': '2',
      'metadata/10.1.1.10/latest/other/x': 'z',
      'metadata/10.1.1.11/latest/meta-data/instance-id': '9',
      'metadata/10.1.1.11/latest/user-data': 'y',
      passwords: '10.1.1.11=q\n',
    });
  });

  it('is as it was after an undo, also what belonged to a former guest', async () => {
    await save({ files: [file('user-data', 'x'), file('meta-data/instance-id', '1')], password: 'p' });
    const before = files();
    const edits = writeGuestData('5', {
      guestIp: '10.1.1.10',
      files: [file('meta-data/instance-id', '2')],
      password: undefined,
    });
    await (await commit(root, edits)).undo();
    expect(files()).toEqual(before);
    await (await commit(root, forgetPassword('5', '10.1.1.10'))).undo();
    expect(files()).toEqual(before);
  });

  it('of a guest that is gone is nowhere, neither in its directory nor in the pack', async () => {
    const many = ['10.1.1.10', '10.1.1.11', '10.1.1.12'].map((guestIp) => ({
      guestIp,
      files: [file('user-data', guestIp)],
      password: undefined,
    }));
    await done(writeManyGuests('5', many));
    // One of them has a directory now, and the pack still knows it.
    await save({ files: [file('user-data', 'other')], password: 'p' });
    const before = files();
    expect(Object.keys(before).sort()).toEqual(['metadata.pack', 'metadata/10.1.1.10/latest/user-data', 'passwords']);
    await (await commit(root, forgetGuest('5', '10.1.1.10'))).undo();
    expect(files()).toEqual(before);
    await done(forgetGuest('5', '10.1.1.10'));
    expect(Object.keys(files())).toEqual(['metadata.pack']);
    await done(forgetGuest('5', '10.1.1.11'));
    expect(files()['metadata.pack']).toMatch(/10\.1\.1\.12/);
    expect(files()['metadata.pack']).not.toMatch(/10\.1\.1\.1[01]/);
    await done(forgetGuest('5', '10.1.1.11'));
    await done(forgetGuest('5', '10.1.1.12'));
    expect(files()).toEqual({});
  });

  it('is never written through a symbolic link', async () => {
    await save({ files: [file('user-data', 'x')] });
    symlinkSync('/etc', join(root, 'network-5/metadata/10.1.1.10/latest/meta-data'));
    await expect(save({ files: [file('meta-data/vm-id', '7')] })).rejects.toThrow(
      /expected a directory, it is a symbolic link$/,
    );
  });

  it('one address is never taken for another', async () => {
    for (const guest of ['10.1.1.1', '110.1.1.1', '10.1.1.10']) await save({ password: `of ${guest}` }, guest);
    await done(forgetPassword('5', '10.1.1.1'));
    expect(files().passwords).toBe('110.1.1.1=of 110.1.1.1\n10.1.1.10=of 10.1.1.10\n');
  });
});

describe('lines of keys and values', () => {
  it('give back what was put in, and leave all else alone', () => {
    const anyValue = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\r\n\0]/.test(text));
    fc.assert(
      fc.property(fc.dictionary(anyHostAddress, anyValue), anyHostAddress, anyValue, (entries, key, value) => {
        let content: Buffer = Buffer.alloc(0);
        for (const [one, text] of Object.entries(entries)) content = editLines(content, new Map([[one, text]]));
        const changed = editLines(content, new Map([[key, value]]));
        expect(findLine(changed, key)).toBe(value);
        for (const [one, text] of Object.entries(entries)) if (one !== key) expect(findLine(changed, one)).toBe(text);
        expect(findLine(editLines(changed, new Map([[key, undefined]])), key)).toBeUndefined();
      }),
    );
  });

  it('keep bytes that are no text', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x0a]);
    expect([...editLines(bytes, new Map([['a', 'ü']]))]).toEqual([0xff, 0xfe, 0x0a, ...Buffer.from('a=ü\n')]);
    expect([...editLines(editLines(bytes, new Map([['a', 'b']])), new Map([['a', undefined]]))]).toEqual([...bytes]);
  });
});
