import type { Invocation } from '../../../src/contract/invocation.js';
import type { CommandResult, Handler } from '../../../src/daemon/handler.js';

/** A handler whose calls do this. */
export function handling(work: (invocation: Invocation) => Promise<CommandResult>): Handler {
  return {
    begin: (invocation, ended) => {
      work(invocation).then(
        (result) => ended({ result }),
        (error: unknown) => ended({ error }),
      );
    },
  };
}
