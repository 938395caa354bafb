import type { Request } from './command.js';
import { ContractError } from './contract-error.js';
import { extensionOf } from './extension.js';
import type { Invocation } from './invocation.js';
import { parseOptions } from './options.js';
import { payloadFileOf, readPayload } from './payload.js';
import { quote } from './quote.js';
import { decoderOf } from './registry.js';

/**
 * The text of a call to one typed command: all text handling and all defaults end here.
 *
 * @throws ContractError when the call is not what CONTRACT.md allows; nothing has been done then.
 */
export async function decode(invocation: Invocation): Promise<Request> {
  const extension = extensionOf(invocation.program);
  const [command = '', ...rest] = invocation.arguments;
  if (command === '') throw new ContractError('no command given: expected a command such as implement-network');
  const decoder = decoderOf(command);
  if (decoder === undefined) throw new ContractError(`unknown command ${quote(command)}`);
  const call =
    payloadFileOf(rest, invocation.directory) === undefined
      ? parseOptions(command, rest, invocation.environment, invocation.directory)
      : readPayload(command, rest, invocation);
  const { isDryRun, timeout, warnings } = call;
  return { extension, command: await decoder(call), isDryRun, timeout, warnings };
}
