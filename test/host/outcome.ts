import { z } from 'zod';

/** How a command ended. `milliseconds` is measured beside the command, from its start to its end. */
export const outcomeSchema = z.object({
  exit: z.number(),
  stdout: z.string(),
  stderr: z.string(),
  milliseconds: z.number(),
  /** A process left behind kept stdout or stderr open: CloudStack's caller would wait for it. */
  heldOpen: z.boolean(),
  timedOut: z.boolean(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

export class CommandFailed extends Error {
  constructor(argv: readonly string[], outcome: Outcome) {
    const ending = outcome.timedOut ? 'did not end in time' : `exit ${outcome.exit}`;
    super(`${argv.join(' ')}: ${ending}: ${outcome.stderr.trim() || outcome.stdout.trim() || '(no output)'}`);
    this.name = 'CommandFailed';
  }
}
