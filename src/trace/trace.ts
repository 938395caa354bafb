/** Where the time of a call goes. */

/**
 * What a call passes through. The stages of the work itself run side by side in part (state files are written while the kernel works), so
 * their sum may be more than the whole.
 *
 * - client: from the client's start until the daemon has the whole request
 * - parse: text to typed command
 * - queue: waiting for other calls about the same namespace, and for the lock
 * - plan: what is to be done, on the model
 * - encode: rules to netlink messages
 * - kernel: waiting for the kernel
 * - services: dnsmasq, haproxy, sockets towards guests
 * - state: state files
 */
export const stages = ['client', 'parse', 'queue', 'plan', 'encode', 'kernel', 'services', 'state'] as const;

export type Stage = (typeof stages)[number];

/** Variable by which the native client says when it began: CLOCK_MONOTONIC, nanoseconds, in decimal (native/client/request.cpp). */
export const startedVariable = 'CLOUDSTACK_NETNS_STARTED';

const places = Object.fromEntries(stages.map((stage, place) => [stage, place])) as Record<Stage, number>;

/** No stage passed through. */
const none: readonly number[] = stages.map(() => Number.NaN);

/** Where the time of a transaction went, that of one call or of several. */
export interface TransactionTrace {
  readonly trace: Trace;
  readonly calls: number;
}

/** Milliseconds per stage. */
export class Trace {
  /** By the stage's place; not a number for those that were not passed through. There is one for each command: numbers only, which take no more than their own room. */
  readonly #milliseconds = none.slice();
  /** The transaction that the call was part of; undefined when it came to none. */
  transaction: TransactionTrace | undefined;

  /** Undefined for a stage that the call did not pass through. */
  of(stage: Stage): number | undefined {
    const own = this.own(stage);
    const common = this.transaction?.trace.own(stage);
    return own === undefined || common === undefined ? (own ?? common) : own + common;
  }

  /** The same without what was done for several calls together. */
  own(stage: Stage): number | undefined {
    const milliseconds = this.#milliseconds[places[stage]];
    return milliseconds === undefined || Number.isNaN(milliseconds) ? undefined : milliseconds;
  }

  add(stage: Stage, milliseconds: number): void {
    this.#milliseconds[places[stage]] = (this.own(stage) ?? 0) + milliseconds;
  }

  /** Measures work that is waited for. */
  async during<Value>(stage: Stage, work: () => Promise<Value>): Promise<Value> {
    const begin = performance.now();
    try {
      return await work();
    } finally {
      this.add(stage, performance.now() - begin);
    }
  }

  /** Measures work that is done at once. */
  at<Value>(stage: Stage, work: () => Value): Value {
    const begin = performance.now();
    try {
      return work();
    } finally {
      this.add(stage, performance.now() - begin);
    }
  }
}

/** Milliseconds since a client says that it began; undefined when it does not say so, or nonsense. */
export function sinceStart(started: string | undefined, now = process.hrtime.bigint()): number | undefined {
  if (started === undefined || !/^\d{1,20}$/.test(started)) return undefined;
  const milliseconds = Number(now - BigInt(started)) / 1e6;
  // A client in another time namespace has another clock.
  return milliseconds >= 0 && milliseconds < 60_000 ? milliseconds : undefined;
}

/** The stages as lines for a person, with the whole, in microseconds. */
export function traceText(trace: Trace, whole: number): string {
  const rows = stages.flatMap((stage): [string, number][] => {
    const milliseconds = trace.of(stage);
    return milliseconds === undefined ? [] : [[stage, milliseconds]];
  });
  const line = ([name, milliseconds]: [string, number]) =>
    `trace: ${name.padEnd(9)}${(milliseconds * 1000).toFixed(0).padStart(9)} µs\n`;
  const { calls } = trace.transaction ?? { calls: 1 };
  const others = calls > 1 ? `trace: together with ${calls - 1} other calls\n` : '';
  return [...rows, ['whole', whole] as [string, number]].map(line).join('') + others;
}
