/** A command that cannot be carried out as it was given. The message is one line: what, which object, what was expected. */
export class VpcctlError extends Error {
  override readonly name = 'VpcctlError';
}
