import { environmentDetails, networkDetailsVariable, parseDetails, physicalDetailsVariable } from './details.js';
import { type Field, fields } from './field.js';
import type { RawCall } from './raw-call.js';

const physicalDetailsOption = '--physical-network-extension-details';
/** Our own: options without a value. */
export const dryRunOption = '--dry-run';
/** Where the time of the call went is to be shown. */
export const traceOption = '--trace';
const networkDetailsOption = '--network-extension-details';

const noNested: RawCall['nested'] = {};

const fieldsByOption: ReadonlyMap<string, Field> = new Map(fields.map((field) => [optionOf(field), field]));

/**
 * Reads the options of generation 1 (CONTRACT §1): `--option value …` in any order. The value is whatever follows, also when it begins with
 * `--`. Unknown options are skipped together with what is no option after them, the last of two equal options wins, an
 * option at the very end without a value is as good as not given, and so is an empty value.
 */
export function parseOptions(
  command: string,
  options: readonly string[],
  environment: Readonly<Record<string, string>>,
  directory: string,
): RawCall {
  const found: Partial<Record<Field, string>> = {};
  let physicalDetails: string | undefined;
  let networkDetails: string | undefined;
  let isDryRun = false;
  for (let index = 0; index < options.length; index++) {
    const option = options[index] ?? '';
    const field = fieldsByOption.get(option);
    if (field !== undefined) {
      const value = options[++index] ?? '';
      if (value === '') delete found[field];
      else found[field] = value;
    } else if (option === dryRunOption) {
      isDryRun = true;
    } else if (option === traceOption) {
      // The daemon looks for it.
    } else if (option === physicalDetailsOption) {
      physicalDetails = options[++index];
    } else if (option === networkDetailsOption) {
      networkDetails = options[++index];
    }
  }
  return {
    command,
    fields: found,
    nested: noNested,
    contents: 'base64',
    isPayload: false,
    isDryRun,
    timeout: undefined,
    directory,
    physicalDetails: physicalDetails
      ? parseDetails(command, physicalDetailsOption, physicalDetails)
      : environmentDetails(command, physicalDetailsOption, physicalDetailsVariable, environment),
    networkDetails: networkDetails
      ? parseDetails(command, networkDetailsOption, networkDetails)
      : environmentDetails(command, networkDetailsOption, networkDetailsVariable, environment),
    spelling: optionOf,
    physicalDetailsSpelling: physicalDetailsOption,
    networkDetailsSpelling: networkDetailsOption,
    warnings: [],
  };
}

function optionOf(field: string): string {
  return `--${field.replaceAll('_', '-')}`;
}
