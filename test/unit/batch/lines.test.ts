import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../src/batch/parse-line.js';
import { readLines } from '../../../src/batch/read-lines.js';
import { LineError, splitWords } from '../../../src/batch/split-words.js';

describe('words of a line', () => {
  it('are separated by blanks, joined by quotes', () => {
    expect(splitWords(`a  b\tc 'd e' "f \\" g" h\\ i 'j'k"l" '' "\\n"`)).toEqual([
      'a',
      'b',
      'c',
      'd e',
      'f " g',
      'h i',
      'jkl',
      '',
      '\\n',
    ]);
  });

  it('are never expanded', () => {
    expect(splitWords('$HOME `id` $(id) *.conf ~ a;b|c')).toEqual(['$HOME', '`id`', '$(id)', '*.conf', '~', 'a;b|c']);
  });

  it('are what was quoted, whatever it is', () => {
    const quote = (word: string) => `"${word.replace(/[\\"]/g, '\\$&')}"`;
    const escaped = (word: string) => (word === '' ? "''" : word.replace(/[^a-z]/gu, '\\$&'));
    const word = fc.string({ unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.boolean())), (words) => {
        const line = words.map(([text, quoted]) => (quoted ? quote(text) : escaped(text))).join(' ');
        expect(splitWords(line)).toEqual(words.map(([text]) => text));
      }),
    );
  });

  it.each([
    [`a 'b`, /quote ' at column 3 is not closed/],
    [`"b \\"`, /quote " at column 1 is not closed/],
    ['a \\', /backslash/],
  ])('end with their quotes: %s', (line, message) => {
    expect(() => splitWords(line)).toThrow(message);
  });
});

describe('a line of a batch', () => {
  it('is words, an array or an object', () => {
    const words = ['add-port-forward', '--network-id', '42', '--public-ip', '203.0.113.1'];
    expect(parseLine('add-port-forward --network-id 42 --public-ip 203.0.113.1')).toEqual(words);
    expect(parseLine(JSON.stringify(words))).toEqual(words);
    expect(parseLine('{"command":"add-port-forward","network-id":42,"public_ip":"203.0.113.1"}')).toEqual(words);
  });

  it('may be empty or a comment', () => {
    expect([parseLine(''), parseLine('  \r'), parseLine('# add-port-forward')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('may hold JSON where the contract has JSON or base64', () => {
    const rules = { default_egress_allow: true, rules: [] };
    const line = { command: 'apply-fw-rules', 'fw-rules': rules, 'lb-rules': [1], 'source-nat': true, vlan: null };
    const encoded = Buffer.from(JSON.stringify(rules)).toString('base64');
    expect(parseLine(JSON.stringify(line))).toEqual([
      'apply-fw-rules',
      '--fw-rules',
      encoded,
      '--lb-rules',
      '[1]',
      '--source-nat',
      'true',
    ]);
  });

  it('asks for a dry run with a value', () => {
    expect(parseLine('{"command":"x","dry-run":true}')).toEqual(['x', '--dry-run']);
    expect(parseLine('{"command":"x","dry_run":false}')).toEqual(['x']);
  });

  it.each(['{"command":"x", "password":"hunter2"', '[1]', '[]', '{"command":""}', '{"network-id":1}', '["x", null]'])(
    'is refused without being quoted: %s',
    (line) => {
      expect(() => parseLine(line)).toThrow(LineError);
      expect(() => parseLine(line)).not.toThrow(/hunter2/);
    },
  );
});

describe('lines of a stream', () => {
  async function read(pieces: readonly Buffer[]) {
    const all: { number: number; text: string; read: number }[] = [];
    const stream = (async function* () {
      yield* pieces;
    })();
    for await (const lines of readLines(stream)) all.push(...lines);
    return all;
  }

  it('are the same however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', ' '))),
        fc.array(fc.nat(40)),
        fc.boolean(),
        async (lines, cuts, ends) => {
          const text = Buffer.from(lines.join('\n') + (ends ? '\n' : ''));
          const places = [...new Set(cuts)].filter((cut) => cut < text.length).sort((a, b) => a - b);
          const pieces = [0, ...places].map((from, index) => text.subarray(from, places[index] ?? text.length));
          const expected = text.toString().split('\n');
          if (expected.at(-1) === '') expected.pop();
          const found = await read(pieces);
          expect(found.map((line) => line.text)).toEqual(expected);
          expect(found.map((line) => line.number)).toEqual(expected.map((_, index) => index + 1));
          expect(found.at(-1)?.read ?? 0).toBe(text.length);
        },
      ),
    );
  });

  it('must be UTF-8, and are counted', async () => {
    await expect(read([Buffer.from('a\nb\n'), Buffer.of(0xff, 0x0a)])).rejects.toThrow('line 3: is not UTF-8');
  });
});
