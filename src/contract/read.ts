import type { z } from 'zod';
import { ContractError } from './contract-error.js';
import { type RawCall, refuse } from './raw-call.js';

/**
 * Reads the fields of a call through a command's schema; fields the schema does not name are left alone.
 *
 * @throws ContractError about the first field, in the schema's order, that is missing or not what it should be.
 */
export function read<Schema extends z.ZodType>(call: RawCall, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(call.fields);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = String(issue?.path[0] ?? '');
  if (!Object.hasOwn(call.fields, field)) {
    throw new ContractError(`${call.command}: ${call.spelling(field)} is missing`);
  }
  throw refuse(call, field, issue?.message ?? 'another value');
}
