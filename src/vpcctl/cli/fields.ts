/** Values of a command, in their order or by their options, or both: what an option gives is not asked for in the order. */

import { VpcctlError } from '../vpcctl-error.js';

export interface Field {
  /** As the usage has it: `vpc`, `cidr`. */
  readonly name: string;
  /** The options it may be given by, without dashes. */
  readonly options: readonly string[];
  readonly optional?: true;
}

/**
 * @returns the values in the order of the fields
 * @throws VpcctlError naming what is missing, or not expected
 */
export function fieldValues(
  command: string,
  fields: readonly Field[],
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
): (string | undefined)[] {
  const left = [...words];
  const values = fields.map((field) => {
    const given = field.options.map((option) => options[option]).find((value) => typeof value === 'string');
    const value = given ?? left.shift();
    if (value === undefined && field.optional !== true) {
      throw new VpcctlError(`${command}: <${field.name}> is missing; expected ${usage(command, fields)}`);
    }
    return value as string | undefined;
  });
  if (left.length > 0)
    throw new VpcctlError(`${command}: "${left[0]}" is too much; expected ${usage(command, fields)}`);
  return values;
}

export function usage(command: string, fields: readonly Field[]): string {
  const words = fields.map(({ name, optional }) => (optional === true ? `[${name}]` : `<${name}>`));
  return ['vpcctl', command, ...words].join(' ');
}
