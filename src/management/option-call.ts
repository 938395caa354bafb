import { parseDetails } from '../contract/details.js';
import { fields } from '../contract/field.js';
import type { Details } from '../contract/raw-call.js';
import type { EntryCall, Word } from './call.js';
import { readCallFile } from './call-file.js';
import { sshSecrets } from './connection.js';

const physicalDetailsOption = '--physical-network-extension-details';
const networkDetailsOption = '--network-extension-details';
const currentDetailsOption = '--current-details';

/** Options that take a value, whatever it looks like. */
const knownOptions: ReadonlySet<string> = new Set([
  ...fields.map((field) => `--${field.replaceAll('_', '-')}`),
  physicalDetailsOption,
  networkDetailsOption,
]);
const fileOptions: ReadonlySet<string> = new Set(
  ['vm-data', 'fw-rules', 'acl-rules', 'restore-data'].map((name) => `--${name}-file`),
);

/**
 * A call of generation 1. What the management server knows by itself is not sent on: the current details, and within the physical
 * network's details how the host is logged in to.
 *
 * @throws ConfigurationFailure, ContractError
 */
export function readOptionCall(command: string, options: readonly string[]): EntryCall {
  const values = new Map<string, string>();
  const words: Word[] = [command];
  const files: Uint8Array[] = [];
  for (let index = 0; index < options.length; index++) {
    const option = options[index] ?? '';
    if (!knownOptions.has(option)) {
      words.push(option);
      continue;
    }
    const value = options[++index] ?? '';
    values.set(option, value);
    if (option === currentDetailsOption || option === physicalDetailsOption || option === networkDetailsOption)
      continue;
    const isFile = fileOptions.has(option) && value !== '';
    if (isFile) files.push(readCallFile(command, option, value));
    words.push(option, isFile ? { file: files.length } : value);
  }
  const details = (option: string): Details => parseDetails(command, option, values.get(option));
  const physicalDetails = details(physicalDetailsOption);
  const networkDetails = details(networkDetailsOption);
  words.push(physicalDetailsOption, JSON.stringify(withoutSecrets(physicalDetails)));
  words.push(networkDetailsOption, JSON.stringify(networkDetails));
  return {
    command,
    networkId: values.get('--network-id') ?? '',
    vpcId: values.get('--vpc-id') ?? '',
    physicalDetails,
    networkDetails,
    currentDetails: details(currentDetailsOption),
    words,
    files,
    timeout: undefined,
  };
}

/** Everybody on the host can see the arguments of its program. */
function withoutSecrets(details: Details): Details {
  return Object.fromEntries(Object.entries(details).filter(([key]) => !sshSecrets.has(key)));
}
