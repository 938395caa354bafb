/** A program that serves guests could not be started, or refused its configuration. The message is one line a human can act on. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

/** What went wrong, for a message or a report. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
