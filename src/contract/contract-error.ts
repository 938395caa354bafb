/**
 * The call is not what the contract allows. The message is one line that names the command, the option, its value and what was expected; it
 * never holds a secret and can be shown as it is.
 */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}
