import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { decodeBase64 } from './base64.js';
import { ContractError } from './contract-error.js';
import { type Field, secretFields } from './field.js';
import { parseFirstJson } from './lenient-json.js';
import { quote } from './quote.js';
import type { RawCall } from './raw-call.js';

/** Largest file that is read, in bytes: 50,000 firewall rules are about 10 MB. */
const largestFile = 256 * 1024 * 1024;

/** The fields that hold a nested value; each has a sibling that names a file with it. */
type NestedField = { [Name in Field]: `${Name}_file` extends Field ? Name : never }[Field];

/**
 * A nested value of generation 1: base64 of JSON, in the option itself (`--fw-rules`) or in a file it names (`--fw-rules-file`, which wins).
 *
 * @throws ContractError when neither is there, the file cannot be read, or the content is no base64 or no JSON.
 */
export function readNestedValue(call: RawCall, field: NestedField): unknown {
  const fileField: Field = `${field}_file`;
  const path = call.fields[fileField];
  const inline = call.fields[field];
  const spelling = call.spelling(path === undefined ? field : fileField);
  const encoded = path === undefined ? inline : readText(call, spelling, resolve(call.directory, path));
  if (encoded === undefined || encoded === '') {
    throw new ContractError(`${call.command}: ${call.spelling(fileField)} or ${call.spelling(field)} is missing`);
  }
  const text = decodeBase64(encoded)?.toString('utf8');
  if (text === undefined) throw new ContractError(`${call.command}: ${spelling}: expected base64 of JSON`);
  const value = parseFirstJson(text);
  if (value === undefined) {
    const found = secretFields.has(field) ? '' : `, found ${quote(text)}`;
    throw new ContractError(`${call.command}: ${spelling}: expected JSON in the base64${found}`);
  }
  return value;
}

/** At once: the way through libuv's threads takes 0.4 ms, a file of 1,000 firewall rules 0.1. */
function readText(call: RawCall, spelling: string, path: string): string {
  const refused = (reason: string) => new ContractError(`${call.command}: ${spelling} ${quote(path)}: ${reason}`);
  if (path.includes('\0')) throw refused('expected the name of a file');
  try {
    const stats = statSync(path);
    // A pipe could keep everybody waiting.
    if (!stats.isFile()) throw refused('is no regular file; expected a file with base64');
    const { size } = stats;
    if (size > largestFile) throw refused(`has ${size} bytes; expected at most ${largestFile}`);
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (error instanceof ContractError) throw error;
    throw refused(
      `could not be read (${(error as { code?: string }).code ?? String(error)}); expected a file with base64`,
    );
  }
}
