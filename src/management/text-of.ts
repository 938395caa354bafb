import type { Details } from '../contract/raw-call.js';

/** A detail's text; empty when there is none, or what is there is no text. */
export function textOf(details: Details, key: string): string {
  const value = Object.hasOwn(details, key) ? details[key] : undefined;
  return typeof value === 'string' ? value : '';
}
