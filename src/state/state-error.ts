/** The state directory could not be read, written or locked. The message is one line and names the file. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

/** The system's name of an error (`ENOENT`), when it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** An error of the system as one of the state directory. */
export function asStateError(error: unknown): StateError {
  if (error instanceof StateError) return error;
  return new StateError(error instanceof Error ? error.message : String(error), { cause: error });
}
