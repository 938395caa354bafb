/** Schemas of objects of which a list has tens of thousands. */

import { z } from 'zod';

/** What a member may be. */
export interface Kind<Value> {
  readonly is: (value: unknown) => value is Value;
  readonly words: string;
}

type Nothing = null | undefined;

const isNothing = (value: unknown): value is Nothing => value === undefined || value === null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const kind = <Value>(words: string, is: (value: unknown) => value is Value): Kind<Value> => ({ is, words });

/** Those that end with `OrNone` may be absent, or null. */
export const text = kind('a text', isText);
export const integer = kind('a whole number', isInteger);
export const textOrNone = kind('a text', (value): value is string | Nothing => isNothing(value) || isText(value));
export const integerOrNone = kind(
  'a whole number',
  (value): value is number | Nothing => isNothing(value) || isInteger(value),
);
export const nameOrNone = kind(
  'a text or a whole number',
  (value): value is string | number | Nothing => isNothing(value) || isText(value) || isInteger(value),
);
export const textsOrNone = kind(
  'a list of texts',
  (value): value is readonly string[] | Nothing => isNothing(value) || (isList(value) && value.every(isText)),
);

type ValueOf<Member> = Member extends Kind<infer Value> ? Value : never;

/**
 * An object with these members; others are left alone. It is looked at in one go and not copied: a schema of each member would take longer than
 * all else that is done to read a rule.
 */
export function listedObject<Members extends Readonly<Record<string, Kind<unknown>>>>(members: Members) {
  const kinds = Object.entries(members);
  return z.custom<{ readonly [Name in keyof Members]: ValueOf<Members[Name]> }>().check(({ value, issues }) => {
    const isObject = typeof value === 'object' && value !== null && !isList(value);
    const wrong = isObject ? kinds.find(([name, { is }]) => !is(value[name])) : (['', { words: 'an object' }] as const);
    if (wrong === undefined) return;
    const [name, { words }] = wrong;
    issues.push({ code: 'custom', path: name === '' ? [] : [name], message: `expected ${words}`, input: value });
  });
}
