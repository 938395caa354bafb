import type { z } from 'zod';
import { ContractError } from './contract-error.js';
import { type Field, secretFields } from './field.js';
import { type RawCall, refuse } from './raw-call.js';

/**
 * Reads the fields of a call through a command's schema; fields the schema does not name are left alone. What a text comes to may be the same
 * object for several calls.
 *
 * @throws ContractError about the first field, in the schema's order, that is missing or not what it should be.
 */
export function read<Shape extends FieldSchemas>(
  call: RawCall,
  schema: z.ZodObject<Shape>,
): z.output<z.ZodObject<Shape>> {
  const values: Partial<Record<Field, unknown>> = {};
  for (const reader of readersOf(schema)) values[reader.field] = reader.read(call);
  return values as z.output<z.ZodObject<Shape>>;
}

type FieldSchemas = Readonly<Record<string, z.ZodType>>;

const known = new WeakMap<object, readonly FieldReader[]>();

function readersOf(schema: z.ZodObject<FieldSchemas>): readonly FieldReader[] {
  const found = known.get(schema);
  if (found !== undefined) return found;
  const made = Object.entries(schema.shape).map(([field, values]) => new FieldReader(field as Field, values));
  known.set(schema, made);
  return made;
}

/** Longer texts are not kept. */
const longestKept = 64;

/**
 * Reads one field, and keeps what the last text came to: the commands of a batch have most of their values in common, and a library's look at each would be
 * a tenth of all that is done for one of them.
 */
class FieldReader {
  #text: string | undefined;
  #value: unknown;
  #hasValue = false;

  constructor(
    readonly field: Field,
    private readonly schema: z.ZodType,
  ) {}

  /** @throws ContractError */
  read(call: RawCall): unknown {
    const text = call.fields[this.field];
    if (this.#hasValue && text === this.#text) return this.#value;
    const result = this.schema.safeParse(text);
    if (!result.success) throw this.#refused(call, result.error.issues[0]?.message);
    if (!secretFields.has(this.field) && (text === undefined || text.length <= longestKept)) {
      this.#text = text;
      this.#value = result.data;
      this.#hasValue = true;
    }
    return result.data;
  }

  #refused(call: RawCall, expected = 'another value'): ContractError {
    const { field } = this;
    if (Object.hasOwn(call.fields, field)) return refuse(call, field, expected);
    return new ContractError(`${call.command}: ${call.spelling(field)} is missing`);
  }
}
