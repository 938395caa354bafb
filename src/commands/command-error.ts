/** A command that cannot be carried out on the domain as it is. The message is one line a human can act on. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
