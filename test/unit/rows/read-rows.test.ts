import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/kernel/native.js';
import { noText, otherPrefix, type Rows, readRows, rowsOf } from '../../../src/rows/rows.js';
import { anyRules, indents, leastRule, plainRules, ruleColumns } from './arbitraries.js';

const leastText = JSON.stringify(leastRule);

const read = (text: string | Uint8Array, list?: string) => readRows(Buffer.from(text), list, ruleColumns);
const parse = (text: string | Uint8Array) => JSON.parse(Buffer.from(text).toString('utf8')) as unknown;

/** The columns with the texts in their places: in which order these are is not said. */
function shown({ count, texts, ...columns }: Rows<typeof ruleColumns>): unknown {
  expect(new Set(texts).size).toBe(texts.length);
  const used = new Set<number>();
  const textAt = (place: number) => {
    used.add(place);
    expect(texts[place]).toBeTypeOf('string');
    return texts[place];
  };
  const content = Object.entries(columns).map(([name, column]) => {
    if (column instanceof Float64Array) return [name, column];
    if (column instanceof Int32Array) return [name, Array.from(column, (at) => (at === noText ? null : textAt(at)))];
    const { starts, addresses, prefixes } = column;
    expect([starts, addresses, prefixes]).toEqual([
      expect.any(Uint32Array),
      expect.any(Uint32Array),
      expect.any(Uint8Array),
    ]);
    const networks = Array.from(addresses, (address, at) => (prefixes[at] === otherPrefix ? textAt(address) : address));
    return [name, { starts, networks, prefixes }];
  });
  expect(used.size).toBe(texts.length);
  return { count, content };
}

/** Whatever is read has the meaning that the values have. */
function expectMeaning(text: string | Uint8Array, list?: string): boolean {
  const found = read(text, list);
  if (found === undefined) return false;
  const value = parse(text);
  const { [list ?? '']: rows, ...others } = list === undefined ? { '': value } : (value as Record<string, unknown>);
  expect(shown(found.rows)).toEqual(shown(rowsOf(rows as unknown[], ruleColumns)));
  expect(found.others).toEqual(others);
  return true;
}

describe('rows of a JSON text', () => {
  it('are those of its values', () => {
    const rules = [
      { ...leastRule, publicIp: '198.51.100.1', portStart: -1, sourceCidrs: ['10.1.2.3/8', '2001:db8::/64'], id: 7 },
      { sourceCidrs: null, id: { a: [1.5e3, 'ü\n', true] }, needed: ['255.255.255.255'], number: 65_535, type: 'udp' },
      {
        ...leastRule,
        portStart: 999_999_999_999_999,
        sourceCidrs: ['10.0.0.1', '10.0.0.0/33', '010.0.0.0/8', '10.0.0.0/08'],
      },
    ];
    expect(expectMeaning(JSON.stringify(rules))).toBe(true);
    expect(expectMeaning(JSON.stringify({ before: ['ü'], rules, after: null }, null, 2), 'rules')).toBe(true);
  });

  it('may be none', () => {
    expect(expectMeaning(' [ ] \n')).toBe(true);
    expect(expectMeaning('{"rules":[]}', 'rules')).toBe(true);
  });

  it('are many', () => {
    const rules = Array.from({ length: 3_000 }, (_, index) => ({
      ...leastRule,
      type: `text ${index}`,
      publicIp: `${index % 7}`,
      sourceCidrs: [`10.0.${index >> 8}.${index & 255}/32`, `other ${index % 100}`],
    }));
    expect(expectMeaning(JSON.stringify(rules))).toBe(true);
    expect(expectMeaning(`[{},${JSON.stringify(rules).slice(1)}`.replace('{}', leastText))).toBe(true);
  });

  it('are read to the end of the bytes and not further', () => {
    const text = `[${leastText}]`;
    const bytes = Buffer.from(`x${text}x`);
    const { buffer, byteOffset } = bytes;
    const within = new Uint8Array(buffer, byteOffset + 1, text.length);
    expect(readRows(within, undefined, ruleColumns)?.rows.count).toBe(1);
    for (let length = 0; length < text.length; length++) expect(read(within.subarray(0, length))).toBeUndefined();
  });

  it.each([
    ['an escape in a text', '{"type":"t\\u0063p","number":1,"needed":[]}'],
    ['an escape in a network', '{"type":"tcp","number":1,"needed":["10.0.0.0\\/8"]}'],
    ['an escape in a name', '{"type":"tcp","number":1,"needed":[],"port\\u0053tart":1}'],
    ['letters beyond ASCII in a text', '{"type":"tcpü","number":1,"needed":[]}'],
    ['letters beyond ASCII in a name', '{"type":"tcp","number":1,"needed":[],"ü":1}'],
    ['a member twice', '{"type":"tcp","type":"tcp","number":1,"needed":[]}'],
    ['a fraction', '{"type":"tcp","number":1.0,"needed":[]}'],
    ['an exponent', '{"type":"tcp","number":1e3,"needed":[]}'],
    ['-0', '{"type":"tcp","number":-0,"needed":[]}'],
    ['16 digits', '{"type":"tcp","number":1000000000000000,"needed":[]}'],
    ['65 levels', `{"type":"tcp","number":1,"needed":[],"id":${'['.repeat(65)}${']'.repeat(65)}}`],
  ])('are not read where there is %s, which the values may have', (_, row) => {
    expect(read(`[${row}]`)).toBeUndefined();
    expect(() => rowsOf(parse(`[${row}]`) as unknown[], ruleColumns)).not.toThrow();
  });

  it('are read where others have 64 levels', () => {
    expect(expectMeaning(`[{"id":${'['.repeat(64)}${']'.repeat(64)},${leastText.slice(1)}]`)).toBe(true);
  });

  it.each([
    ['a control character', '{"type":"t\ncp","number":1,"needed":[]}'],
    ['a leading zero', '{"type":"tcp","number":01,"needed":[]}'],
    ['a plus', '{"type":"tcp","number":+1,"needed":[]}'],
    ['no quotes', '{type:"tcp","number":1,"needed":[]}'],
    ['a comma too many', '{"type":"tcp","number":1,"needed":[],}'],
    ['a comma too many in networks', '{"type":"tcp","number":1,"needed":["10.0.0.0/8",]}'],
    ['a control character in a further text', '{"type":"tcp","number":1,"needed":[],"id":"\u0001"}'],
    ['an unknown escape in a further text', '{"type":"tcp","number":1,"needed":[],"id":"\\x"}'],
    ['a short escape in a further text', '{"type":"tcp","number":1,"needed":[],"id":"\\u00g0"}'],
    ['a further word', '{"type":"tcp","number":1,"needed":[],"id":nil}'],
    ['a further number without digits', '{"type":"tcp","number":1,"needed":[],"id":-}'],
    ['a further number that ends with a point', '{"type":"tcp","number":1,"needed":[],"id":1.}'],
    ['a further number with a leading zero', '{"type":"tcp","number":1,"needed":[],"id":01}'],
    ['a further number without an exponent', '{"type":"tcp","number":1,"needed":[],"id":1e+}'],
    ['a further list of the wrong end', '{"type":"tcp","number":1,"needed":[],"id":[1}}'],
    ['something behind', `${leastText}]]`],
    ['another row without a comma', `${leastText}${leastText}`],
    ['a comma at the end', `${leastText},`],
  ])('are not read where there is %s, which is no JSON', (_, row) => {
    expect(read(`[${row}]`)).toBeUndefined();
    expect(() => parse(`[${row}]`)).toThrow(SyntaxError);
  });

  it.each([
    ['a row that is no object', `[${leastText},null]`],
    ['a row that is a list', `[${leastText},[]]`],
    ['a row without a member', `[${leastText},{"type":"tcp","number":1}]`],
    ['null where something is asked for', `[${leastText},{"type":null,"number":1,"needed":[]}]`],
    ['a number for a text', `[${leastText},{"type":1,"number":1,"needed":[]}]`],
    ['a text for a number', `[${leastText},{"type":"tcp","number":"1","needed":[]}]`],
    ['a text for a list', `[${leastText},{"type":"tcp","number":1,"needed":"10.0.0.0/8"}]`],
    ['null in a list', `[${leastText},{"type":"tcp","number":1,"needed":[null]}]`],
  ])('are not read where there is %s, which the values may not have', (_, text) => {
    expect(read(text)).toBeUndefined();
    expect(() => rowsOf(parse(text) as unknown[], ruleColumns)).toThrow();
  });

  it.each([
    ['a byte order mark', Buffer.from('\ufeff[]')],
    ['another member than the list', Buffer.from('{"rule":[]}'), 'rules'],
    ['a list twice', Buffer.from('{"rules":[],"rules":[]}'), 'rules'],
    ['null for a list', Buffer.from('{"rules":null}'), 'rules'],
    ['an object for a list', Buffer.from('{}')],
    ['a list for an object', Buffer.from('[]'), 'rules'],
    ['a member that would be the prototype', Buffer.from('{"rules":[],"__proto__":{}}'), 'rules'],
    ['an escape in a name beside the list', Buffer.from('{"rules":[],"\\u0072ules":[]}'), 'rules'],
    ['nothing', Buffer.from('')],
    ['white space', Buffer.from(' ')],
  ])('are not read from a document with %s', (_, text, list?: string) => {
    expect(read(text, list)).toBeUndefined();
  });

  it.each([
    ['c0af', 'a letter that is longer than needed'],
    ['e08080', 'a letter that is longer than needed'],
    ['eda080', 'a surrogate'],
    ['f4908080', 'more than Unicode has'],
    ['ff', 'no first byte'],
    ['80', 'no first byte'],
    ['e282', 'half a letter'],
  ])('are not read where a further text has the bytes %s, %s', (hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(
      read(Buffer.concat([Buffer.from('[{"id":"'), bytes, Buffer.from(`",${leastText.slice(1)}]`)])),
    ).toBeUndefined();
  });

  it('are read where a further text has letters of all lengths', () => {
    for (const letter of [
      '\x7f',
      '\x80',
      '\u07ff',
      '\u0800',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '\u{10000}',
      '\u{10ffff}',
    ]) {
      expect(expectMeaning(`[{"id":"${letter}",${leastText.slice(1)}]`)).toBe(true);
    }
  });

  it('takes no other arguments', () => {
    const columns = [{ name: 'a', kind: 'text', isRequired: true }];
    const bytes = Buffer.from('[]');
    const call = native.readRows as (...values: readonly unknown[]) => unknown;
    expect(call(bytes, undefined, columns)).toMatchObject({ count: 0 });
    for (const values of [
      [],
      ['[]', undefined, columns],
      [new Uint16Array(1), undefined, columns],
      [bytes, 1, columns],
      [bytes, undefined],
      [bytes, undefined, {}],
      [bytes, undefined, [null]],
      [bytes, undefined, [{ name: 'a', kind: 'text' }]],
      [bytes, undefined, [{ name: 'a', kind: 'date', isRequired: true }]],
      [bytes, undefined, new Array(65).fill(columns[0])],
    ]) {
      expect(() => call(...values)).toThrow(TypeError);
    }
  });

  it('may have 64 columns', () => {
    const names = Array.from({ length: 64 }, (_, index) => `member${index}`);
    const columns = Object.fromEntries(names.map((name) => [name, { kind: 'integer', isRequired: true }] as const));
    const row = Object.fromEntries(names.map((name, index) => [name, index]));
    const text = Buffer.from(JSON.stringify([row, row]));
    const rows = readRows(text, undefined, columns)?.rows as Readonly<Record<string, Float64Array>> | undefined;
    expect(names.map((name) => [...(rows?.[name] ?? [])])).toEqual(names.map((_, index) => [index, index]));
    const { member63, ...without } = row;
    expect(member63).toBe(63);
    expect(readRows(Buffer.from(JSON.stringify([without])), undefined, columns)).toBeUndefined();
  });
});

describe('rows of any JSON text', () => {
  it('are read where they are plain', () => {
    fc.assert(
      fc.property(plainRules, indents, (rules, indent) => {
        expect(expectMeaning(JSON.stringify(rules, null, indent))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are read beside other members', () => {
    const others = fc.dictionary(fc.constantFrom('a', 'default_egress_allow', 'rule', '1', ''), fc.jsonValue());
    fc.assert(
      fc.property(plainRules, others, others, indents, (rules, before, after, indent) => {
        expect(expectMeaning(JSON.stringify({ ...before, rules, ...after }, null, indent), 'rules')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('are those of the values where they are read', () => {
    fc.assert(
      fc.property(anyRules, indents, (rules, indent) => {
        expectMeaning(JSON.stringify(rules, null, indent));
      }),
      { numRuns: 2_000 },
    );
  });

  it('are those of the values, whatever bytes are changed', () => {
    const byte = fc.oneof(
      fc.constantFrom(...Buffer.from('{}[]",:\\/0129-+.eEu tfn\n\0\x1f\x80\xc3', 'latin1')),
      fc.integer({ min: 0, max: 255 }),
    );
    const change = fc.record({ at: fc.nat(), remove: fc.nat({ max: 3 }), insert: fc.array(byte, { maxLength: 2 }) });
    let accepted = 0;
    fc.assert(
      fc.property(
        plainRules,
        fc.boolean(),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (rules, isNamed, changes) => {
          let bytes = Buffer.from(JSON.stringify(isNamed ? { a: 1, rules, b: 'c' } : rules));
          for (const { at, remove, insert } of changes) {
            const start = at % (bytes.length + 1);
            bytes = Buffer.concat([bytes.subarray(0, start), Uint8Array.from(insert), bytes.subarray(start + remove)]);
          }
          if (expectMeaning(bytes, isNamed ? 'rules' : undefined)) accepted++;
        },
      ),
      { numRuns: 10_000 },
    );
    // Of all changes some must leave what can be read, or nothing was tried.
    expect(accepted).toBeGreaterThan(100);
  });
});
