import type { Invocation } from '../contract/invocation.js';
import type { Ended, Outcome } from '../executor/queue.js';
import type { Trace } from '../trace/trace.js';
import type { DaemonStatus } from './status.js';

/** How a command ended: what the caller's program prints and exits with. */
export interface CommandResult {
  /** 0 to 255; CloudStack tells only 0 from anything else. */
  readonly exitCode: number;
  readonly stdout: string;
  /** Empty on success (the caller stores it with the output); on failure one line without secrets, which is also logged. */
  readonly stderr: string;
  /** What the command was about, for the log: `network=42`, `vpc=7`. Without it the log looks at the options of generation 1. */
  readonly subject?: string;
  /** Where the time went, without what came before the handler. */
  readonly trace?: Trace | undefined;
  /** Further lines for the log, without secrets: what was found odd, or put right. */
  readonly notes?: readonly string[];
}

/** Carries out calls. They come at the same time; the handler itself puts them in order where that matters. */
export interface Handler {
  /** Carries out a call. Never throws. */
  begin(invocation: Invocation, ended: Ended<CommandResult>): void;
  /**
   * Carries out all calls that are about one namespace, or none of them; one outcome for each.
   *
   * @param nameOf what a call is called when it is the reason why others were not carried out
   */
  together?(
    invocations: readonly Invocation[],
    nameOf: (index: number) => string,
  ): Promise<readonly Outcome<CommandResult>[]>;
  /** Takes over the services on this host and looks after them; called once, when clients can connect. */
  superviseServices?(): Promise<void>;
  /** How the services are that it looks after. */
  services?(): DaemonStatus['services'];
  /** Begins to serve guests; called once the daemon listens, so that no other one does. */
  serve?(): void;
  /** Networks whose guests are served. */
  servedNetworks?(): number;
  /** Closes what the handler holds open; called once, after the last call has ended. */
  close?(): Promise<void>;
}

/** Has a handler carry out a single call. Rejects with what it failed with. */
export function carriedOut(handler: Pick<Handler, 'begin'>, invocation: Invocation): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    handler.begin(invocation, (outcome) => {
      if ('error' in outcome) reject(outcome.error);
      else resolve(outcome.result);
    });
  });
}
