import { isIdentifier } from '../model/identifier.js';
import { CallError, subjectWords } from './call-error.js';
import type { Request } from './command.js';
import { ContractError } from './contract-error.js';
import { extensionOf } from './extension.js';
import type { Invocation } from './invocation.js';
import { parseOptions } from './options.js';
import { isPayloadCall, readPayload } from './payload.js';
import { quote } from './quote.js';
import type { RawCall } from './raw-call.js';
import { decoderOf } from './registry.js';

/**
 * The text of a call to one typed command: all text handling and all defaults end here.
 *
 * @throws ContractError when the call is not what CONTRACT.md allows; nothing has been done then.
 */
export function decode(invocation: Invocation): Request {
  const extension = extensionOf(invocation.program);
  const command = invocation.arguments[0] ?? '';
  const rest = invocation.arguments.slice(1);
  if (command === '') throw new ContractError('no command given: expected a command such as implement-network');
  const decoder = decoderOf(command);
  if (decoder === undefined) throw new ContractError(`unknown command ${quote(command)}`);
  const call = isPayloadCall(rest, invocation.directory)
    ? readPayload(command, rest, invocation)
    : parseOptions(command, rest, invocation.environment, invocation.directory);
  const { isDryRun, timeout, warnings } = call;
  try {
    return { extension, command: decoder(call), isDryRun, timeout, warnings };
  } catch (error) {
    // What it is about is not among its arguments, where the log looks.
    throw call.isPayload ? new CallError(subjectOf(call), error) : error;
  }
}

function subjectOf({ fields: { network_id: network, vpc_id: vpc } }: RawCall): string {
  const identified = (text: string | undefined) => (text !== undefined && isIdentifier(text) ? text : undefined);
  return subjectWords(identified(network), identified(vpc));
}
