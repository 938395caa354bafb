import { describe, expect, it } from 'vitest';
import {
  integer,
  integerOrNone,
  listedObject,
  nameOrNone,
  text,
  textOrNone,
  textsOrNone,
} from '../../../src/contract/listed-object.js';

const schema = listedObject({
  text,
  integer,
  textOrNone,
  integerOrNone,
  nameOrNone,
  textsOrNone,
});
const least = { text: '', integer: 0 };

describe('an object of a list', () => {
  it.each([
    least,
    { ...least, textOrNone: null, integerOrNone: null, nameOrNone: null, textsOrNone: null },
    { ...least, textOrNone: 'x', integerOrNone: -1, nameOrNone: 7, textsOrNone: ['x'], further: [1] },
    { ...least, nameOrNone: 'seven', textsOrNone: [] },
  ])('%j is as it was sent', (sent) => {
    expect(schema.parse(sent)).toBe(sent);
  });

  it.each([
    [{ integer: 0 }, 'text', 'expected a text'],
    [{ ...least, text: 1 }, 'text', 'expected a text'],
    [{ ...least, integer: null }, 'integer', 'expected a whole number'],
    [{ ...least, integer: 1.5 }, 'integer', 'expected a whole number'],
    [{ ...least, integer: '1' }, 'integer', 'expected a whole number'],
    [{ ...least, textOrNone: 1 }, 'textOrNone', 'expected a text'],
    [{ ...least, integerOrNone: '1' }, 'integerOrNone', 'expected a whole number'],
    [{ ...least, nameOrNone: {} }, 'nameOrNone', 'expected a text or a whole number'],
    [{ ...least, textsOrNone: 'x' }, 'textsOrNone', 'expected a list of texts'],
    [{ ...least, textsOrNone: ['x', 1] }, 'textsOrNone', 'expected a list of texts'],
    [null, '', 'expected an object'],
    [[], '', 'expected an object'],
    ['x', '', 'expected an object'],
    [undefined, '', 'expected an object'],
  ])('%j is none: it is said which member is wrong', (sent, path, message) => {
    expect(schema.safeParse(sent).error?.issues.map((issue) => [issue.path.join('.'), issue.message])).toEqual([
      [path, message],
    ]);
  });
});
