import { statSync } from 'node:fs';
import { quote } from '../contract/quote.js';
import type { Details } from '../contract/raw-call.js';
import { isIdentifier } from '../model/identifier.js';
import { ConfigurationFailure } from './failure.js';
import { readOptionCall } from './option-call.js';
import { readPayloadCall } from './payload-call.js';

/** A word of the command that is carried out on the host: a text, or the place there of one of the call's files. */
export type Word = string | { readonly file: number };

/** A call of CloudStack to the management server's program, whichever generation it is of. */
export interface EntryCall {
  readonly command: string;
  readonly networkId: string;
  readonly vpcId: string;
  readonly physicalDetails: Details;
  readonly networkDetails: Details;
  /** What ensure-network-device has answered last. */
  readonly currentDetails: Details;
  /** What follows the name of the host's program. */
  readonly words: readonly Word[];
  /** Contents of the files that words stand for. */
  readonly files: readonly Uint8Array[];
  /** How long the caller is ready to wait, in seconds; undefined when it does not say. */
  readonly timeout: number | undefined;
}

/**
 * Reads the arguments of a call: `<command> <payload file> <timeout>` (generation 2) or `<command> --option value …` (generation 1).
 *
 * @throws ConfigurationFailure, ContractError
 */
export function readCall(argv: readonly string[]): EntryCall {
  const [command = '', ...rest] = argv;
  if (command === '' || command.startsWith('-'))
    throw new ConfigurationFailure(
      'no command given: expected <command> <payload-file> <timeout>, or <command> --option value …',
    );
  const [first = '', timeout = ''] = rest;
  const isPayload = !first.startsWith('--') && statSync(first, { throwIfNoEntry: false })?.isFile() === true;
  const call = isPayload ? readPayloadCall(command, first, timeout) : readOptionCall(command, rest);
  for (const [what, id] of [
    ['network', call.networkId],
    ['VPC', call.vpcId],
  ] as const)
    if (id !== '' && !isIdentifier(id))
      throw new ConfigurationFailure(`${command}: ${what} id ${quote(id)}: expected a decimal id of 1 to 20 digits`);
  return call;
}
