import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestHost } from '../../test/host/host.js';
import { nativeProgram } from './native-programs.js';

/** One program of a schedule, as it ran. CLOCK_MONOTONIC, nanoseconds: the clock of `process.hrtime`. */
export interface Run {
  /** Undefined for what only prepares. */
  readonly id: string | undefined;
  readonly start: number;
  readonly end: number;
  /** Processor time of the program and of all it has waited for; a daemon that works for it is not among them. */
  readonly processor: number;
}

/** Programs to be run one after the other by spawn-timer (native/spawn-timer.c) inside a test host. */
export class Schedule {
  readonly #ids: (string | undefined)[] = [];
  readonly #lines: string[] = [];

  /** @param pause milliseconds before it: calls of a real host do not come back to back */
  add(id: string | undefined, argv: readonly string[], pause: number): void {
    this.#ids.push(id);
    this.#lines.push(`${[Math.round(pause * 1000), ...argv].join('\0')}\n`);
  }

  /**
   * @param directory for the list of programs, seen at the same path inside the test host
   * @param clients how many run at the same time
   * @param environment further variables of the programs
   * @throws when one of the programs failed
   */
  async run(
    host: TestHost,
    directory: string,
    clients = 1,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Run[]> {
    const file = join(directory, 'schedule');
    await writeFile(file, this.#lines.join(''));
    const outcome = await host.self.run([nativeProgram('spawn-timer'), file, `${clients}`], {
      deadline: 3_600_000,
      environment,
    });
    if (outcome.exit !== 0) throw new Error(`spawn-timer: ${outcome.stderr.slice(0, 2000)}`);
    return outcome.stdout
      .trim()
      .split('\n')
      .map((line, index) => {
        const [start = 0, end = 0, _code, processor = 0] = line.split(' ').map(Number);
        return { id: this.#ids[index], start, end, processor };
      });
  }
}

/** How long the runs of one id took, in nanoseconds. */
export function durations(runs: readonly Run[], id: string): number[] {
  return runs.filter((run) => run.id === id).map(({ start, end }) => end - start);
}
