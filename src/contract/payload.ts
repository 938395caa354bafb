/** The payload file of generation 2 (CONTRACT §1.1): `<command> <payload file> <timeout>`. */

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { decodeBase64 } from './base64.js';
import { CallerFileProblem, readCallerFile } from './caller-file.js';
import { ContractError } from './contract-error.js';
import { networkDetailsVariable, parseDetails, physicalDetailsVariable } from './details.js';
import { type Field, fields } from './field.js';
import type { Invocation } from './invocation.js';
import { parseFirstJson } from './lenient-json.js';
import { dryRunOption, traceOption } from './options.js';
import { quote } from './quote.js';
import type { Details, NestedValue, RawCall } from './raw-call.js';

const physicalDetailsKey = 'physical-network-extension-details';
const networkDetailsKey = 'network-extension-details';

/** Other spellings of a field, and the field. */
const aliases: Readonly<Record<string, Field>> = { 'action-params': 'action_params' };

/** Fields with a structure of their own. */
const nestedFields: ReadonlySet<Field> = new Set<Field>([
  'fw_rules',
  'acl_rules',
  'lb_rules',
  'restore_data',
  'vm_data',
  'options',
  'action_params',
]);

const ownOptions: ReadonlySet<string> = new Set([dryRunOption, traceOption]);

/**
 * Whether a call is of generation 2 (CONTRACT §9.1): its first argument after the command is a file, not an option. A file that is not there
 * counts when there are no options either: that says more than that all of them are missing.
 *
 * @param call the arguments after the command
 */
export function isPayloadCall(call: readonly string[], directory: string): boolean {
  const first = call.find((one) => !ownOptions.has(one));
  if (first === undefined || first === '' || first.startsWith('--')) return false;
  const [, ...rest] = withoutOwnOptions(call);
  return !rest.some((one) => one.startsWith('--')) || isRegularFile(resolve(directory, first));
}

/** The file and the seconds; no value of a payload call is among its arguments. */
function withoutOwnOptions(call: readonly string[]): string[] {
  return call.filter((one) => !ownOptions.has(one));
}

function isRegularFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Reads a payload file. All single values are texts; an empty one is none. What is nested may be JSON, the text of JSON, or base64 of it,
 * and is the same to the decoders.
 *
 * @param call the arguments after the command
 * @throws ContractError when the file cannot be read or is no JSON object; its content, which has secrets, is never shown
 */
export function readPayload(command: string, call: readonly string[], invocation: Invocation): RawCall {
  const { environment, directory } = invocation;
  const [path = '', seconds] = withoutOwnOptions(call);
  const envelope = envelopeOf(command, path, directory);
  const { fields: found, nested } = membersOf(command, bodyOf(envelope));
  const warnings: string[] = [];
  const detailsOf = (key: string, variable: string): Details => {
    const sent = envelope[key];
    if (isObject(sent)) return sent;
    const isThere = sent !== undefined && sent !== null && sent !== '';
    return parseDetails(command, key, isThere ? String(sent) : environment[variable]);
  };
  return {
    command,
    fields: found,
    nested,
    contents: contentsOf(found, nested),
    isPayload: true,
    isDryRun: call.includes(dryRunOption),
    timeout: timeoutOf(command, seconds, warnings),
    directory,
    physicalDetails: detailsOf(physicalDetailsKey, physicalDetailsVariable),
    networkDetails: detailsOf(networkDetailsKey, networkDetailsVariable),
    spelling: (field) => field,
    physicalDetailsSpelling: physicalDetailsKey,
    networkDetailsSpelling: networkDetailsKey,
    warnings,
  };
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function envelopeOf(command: string, path: string, directory: string): JsonObject {
  const file = resolve(directory, path);
  const refused = (reason: string) => new ContractError(`${command}: payload file ${quote(file)}: ${reason}`);
  const content = readCallerFile(file, 'utf8', 'a file with a JSON object');
  if (content instanceof CallerFileProblem) throw refused(content.reason);
  const value = parseFirstJson(content);
  if (!isObject(value)) throw refused('expected a JSON object (the content is not shown, it holds secrets)');
  return value;
}

/** Custom actions have their values beside the details, all others under `payload`. */
function bodyOf(envelope: JsonObject): JsonObject {
  const { payload } = envelope;
  return isObject(payload) ? { ...envelope, ...payload } : envelope;
}

function membersOf(command: string, body: JsonObject): Pick<RawCall, 'fields' | 'nested'> {
  const found: Partial<Record<Field, string>> = {};
  const nested: Partial<Record<Field, NestedValue>> = {};
  const names: [string, Field][] = [
    ...Object.entries(aliases),
    ...fields.map((field): [Field, Field] => [field, field]),
  ];
  for (const [name, field] of names) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    if (value === undefined || value === null || value === '' || field in nested || field in found) continue;
    const own = nestedFields.has(field) ? nestedOf(field, value) : undefined;
    if (own !== undefined) nested[field] = own;
    else if (typeof value === 'object') throw new ContractError(`${command}: ${name}: expected a text`);
    else found[field] = String(value);
  }
  return { fields: found, nested };
}

/** Undefined for a text that is no JSON in any form. */
function nestedOf(field: Field, value: unknown): NestedValue | undefined {
  if (typeof value === 'object') return { value, contents: 'plain' };
  // Hooks are given the parameters of actions as they were sent.
  if (typeof value !== 'string' || field === 'action_params') return undefined;
  const isNested = (one: unknown) => typeof one === 'object' && one !== null;
  const parsed = parseFirstJson(value);
  if (isNested(parsed)) return { value: parsed, contents: 'plain' };
  const decoded = parseFirstJson(decodeBase64(value)?.toString('utf8') ?? '');
  return isNested(decoded) ? { value: decoded, contents: 'base64' } : undefined;
}

/**
 * How user data is written. Generation 2.0 encodes it, later ones do not, and nothing says which it is (CONTRACT §9.4, §12): they have JSON for
 * nested values, and 2.2 says what state a network or a VPC is in.
 */
function contentsOf(found: RawCall['fields'], nested: RawCall['nested']): NestedValue['contents'] {
  const isLater = found.network_state !== undefined || found.vpc_state !== undefined;
  return isLater || Object.values(nested).some(({ contents }) => contents === 'plain') ? 'plain' : 'base64';
}

/** In milliseconds; the caller gives seconds. */
function timeoutOf(command: string, text: string | undefined, warnings: string[]): number | undefined {
  if (text === undefined || text === '') return undefined;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds > 0) return seconds * 1000;
  warnings.push(`${command}: timeout ${quote(text)}: expected seconds; it does not count`);
  return undefined;
}
