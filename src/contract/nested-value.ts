import { resolve } from 'node:path';
import { decodeBase64 } from './base64.js';
import { CallerFileProblem, readCallerFile } from './caller-file.js';
import { ContractError } from './contract-error.js';
import { type Field, secretFields } from './field.js';
import { parseFirstJson } from './lenient-json.js';
import { quote } from './quote.js';
import { type NestedValue, type RawCall, refuse } from './raw-call.js';

/** The fields that hold a nested value; each has a sibling that names a file with it. */
export type NestedField = { [Name in Field]: `${Name}_file` extends Field ? Name : never }[Field];

/** JSON that was not read yet. */
export interface EncodedValue {
  readonly json: Buffer;
  /** Where it was found, as the caller spells that. */
  readonly spelling: string;
}

/**
 * A nested value: of a payload, or of generation 1, where it is base64 of JSON, in the option itself (`--fw-rules`) or in a file it names
 * (`--fw-rules-file`, which wins).
 *
 * @throws ContractError when there is none, the file cannot be read, or the content is no base64 or no JSON.
 */
export function readNestedValue(call: RawCall, field: NestedField): NestedValue {
  const source = nestedSource(call, field);
  return 'json' in source ? nestedValueOf(call, field, source) : source;
}

/**
 * The same, but what is JSON as text is left as it is.
 *
 * @throws ContractError when there is none, the file cannot be read, or the content is no base64.
 */
export function nestedSource(call: RawCall, field: NestedField): NestedValue | EncodedValue {
  const known = call.nested[field];
  if (known !== undefined) return known;
  if (call.isPayload) {
    if (call.fields[field] === undefined) throw missing(call, call.spelling(field));
    throw refuse(call, field, 'JSON, or base64 of JSON');
  }
  const fileField: Field = `${field}_file`;
  const path = call.fields[fileField];
  const inline = call.fields[field];
  const spelling = call.spelling(path === undefined ? field : fileField);
  const encoded = path === undefined ? inline : readEncoded(call, spelling, path);
  if (encoded === undefined || encoded === '') {
    throw missing(call, `${call.spelling(fileField)} or ${call.spelling(field)}`);
  }
  const json = decodeBase64(encoded);
  if (json === undefined) throw new ContractError(`${call.command}: ${spelling}: expected base64 of JSON`);
  return { json, spelling };
}

/** @throws ContractError when it is no JSON. */
export function nestedValueOf(call: RawCall, field: NestedField, { json, spelling }: EncodedValue): NestedValue {
  const text = json.toString('utf8');
  const value = parseFirstJson(text);
  if (value === undefined) {
    const found = secretFields.has(field) ? '' : `, found ${quote(text)}`;
    throw new ContractError(`${call.command}: ${spelling}: expected JSON in the base64${found}`);
  }
  return { value, contents: 'base64' };
}

/**
 * A value whose option is JSON as it is.
 *
 * @returns undefined when it is not sent, or is no JSON
 */
export function readJson(call: RawCall, field: Field): unknown {
  const known = call.nested[field];
  if (known !== undefined) return known.value;
  const text = call.fields[field];
  return text === undefined ? undefined : parseFirstJson(text);
}

/** The error for a value that is not there. */
export function missing(call: RawCall, what: string): ContractError {
  return new ContractError(`${call.command}: ${what} is missing`);
}

function readEncoded(call: RawCall, spelling: string, path: string): string {
  const file = resolve(call.directory, path);
  const content = readCallerFile(file, 'latin1', 'a file with base64');
  if (!(content instanceof CallerFileProblem)) return content;
  throw new ContractError(`${call.command}: ${spelling} ${quote(file)}: ${content.reason}`);
}
