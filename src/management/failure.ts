/** What the caller is told by the program's exit code (CONTRACT §1). */
export const exitCodes = { done: 0, configuration: 1, connection: 2, remote: 3 } as const;

/** Why a call did not reach the host, or did not do there what it should. The message is one line without secrets. */
export class EntryFailure extends Error {
  override readonly name = 'EntryFailure';

  constructor(
    message: string,
    readonly exitCode: 1 | 2 | 3,
  ) {
    super(message);
  }
}

/** The call, or what the operator has registered, cannot be understood: exit code 1. */
export class ConfigurationFailure extends EntryFailure {
  constructor(message: string) {
    super(message, exitCodes.configuration);
  }
}

/** No host could be reached, or the way to it was lost: exit code 2. */
export class ConnectionFailure extends EntryFailure {
  constructor(
    message: string,
    /** Milliseconds for which it is worth trying again, because the host answered but was too busy or is just starting. */
    readonly passesWithin = 0,
  ) {
    super(message, exitCodes.connection);
  }
}

/** The host was reached but has not done it: exit code 3. */
export class RemoteFailure extends EntryFailure {
  constructor(message: string) {
    super(message, exitCodes.remote);
  }
}
