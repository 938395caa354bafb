/** Longest part of a value that is shown, in characters. */
const shownLength = 64;

/**
 * A value as it is shown in a message: quoted, one line whatever it holds (line ends, escapes and everything else that is not printable are
 * written as escapes), cut when long.
 */
export function quote(value: string): string {
  const shown = value.length > shownLength ? `${value.slice(0, shownLength)}…` : value;
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
