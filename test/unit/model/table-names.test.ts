import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isTableName,
  parseTableId,
  parseTableNames,
  TableNames,
  tableLines,
  withoutTable,
  withTable,
} from '../../../src/model/table-names.js';

const file = '#\n# reserved values\n#\n255\tlocal\n100 isp2 # second provider\n\n0x65 mgmt\n200 isp3\n';

describe('names of routing tables', () => {
  it('are read as ip reads them', () => {
    expect(parseTableNames(`${file}nonsense\n-1 a\n4294967296 b\n7\n  8   c  \n`)).toEqual([
      { id: 255, name: 'local' },
      { id: 100, name: 'isp2' },
      { id: 101, name: 'mgmt' },
      { id: 200, name: 'isp3' },
      { id: 8, name: 'c' },
    ]);
  });

  it('are listed without comments', () => {
    expect(tableLines(file)).toEqual(['255\tlocal', '100 isp2 # second provider', '0x65 mgmt', '200 isp3']);
  });

  it('take the place of the same id and of the same name, everything else stays', () => {
    expect(withTable(file, { id: 100, name: 'mgmt' })).toBe(
      '#\n# reserved values\n#\n255\tlocal\n100 mgmt\n\n200 isp3\n',
    );
    expect(withTable(file, { id: 7, name: 'new' })).toBe(`${file}7 new\n`);
    expect(withTable('', { id: 7, name: 'new' })).toBe('7 new\n');
    expect(withTable('5 five', { id: 7, name: 'new' })).toBe('5 five\n7 new\n');
    expect(withTable(file, { id: 101, name: 'mgmt' })).toBeUndefined();
  });

  it('go by id, by name, or both', () => {
    expect(withoutTable(file, { id: 200, name: 'isp2' })).toBe('#\n# reserved values\n#\n255\tlocal\n\n0x65 mgmt\n');
    expect(withoutTable('100 a\n', { name: 'a' })).toBe('');
    expect(withoutTable(file, { id: 3 })).toBe(file);
    expect(withoutTable(file, {})).toBe(file);
  });

  it('a name set and taken away leaves the file as it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 0xffffffff }), fc.stringMatching(/^z[a-z0-9._-]{0,31}$/), (id, name) => {
        const table = { id, name };
        const named = withTable(file, table) ?? '';
        expect(new TableNames(parseTableNames(named)).idOf({ name })).toBe(id);
        expect(withoutTable(named, table)).toBe(file);
      }),
    );
  });

  it('of several files the first counts, and the reserved ones cannot be renamed', () => {
    const names = new TableNames([
      { id: 100, name: 'first' },
      { id: 100, name: 'second' },
      { id: 101, name: 'first' },
      { id: 254, name: 'other' },
      { id: 7, name: 'main' },
    ]);
    expect(names.nameOf(100)).toBe('first');
    expect(names.idOf({ name: 'first' })).toBe(100);
    expect(names.idOf({ name: 'second' })).toBe(100);
    expect(names.nameOf(254)).toBe('main');
    expect(names.idOf({ name: 'main' })).toBe(254);
    expect(names.nameOf(9)).toBe('9');
    expect(names.idOf({ id: 9 })).toBe(9);
    expect(names.idOf({ name: 'nobody' })).toBeUndefined();
  });

  it.each(['0', '4294967296', '-1', '1e3', '0100', ' 1', '1 ', '1\n', '', 'abc', '１'])('%j is no id', (text) => {
    expect(parseTableId(text)).toBeUndefined();
  });

  it.each([
    ['1', 1],
    ['4294967295', 4294967295],
    ['0x64', 100],
  ])('%s is id %d', (text, id) => {
    expect(parseTableId(text)).toBe(id);
  });

  it.each(['', '1a', '-a', 'a b', 'a\nb', 'a;b', '$(a)', '../a', 'a/b', 'ä', 'a'.repeat(33), 'a\0'])(
    '%j is no name',
    (text) => {
      expect(isTableName(text)).toBe(false);
    },
  );
});
