import { answerWithin, briefly } from '../../host/patience.js';
import type { Connection } from '../../host/probes.js';
import { inWords, send } from './probe.js';
import type { Stage } from './stage.js';
import type { ConnectionOutcome, Expected, OpenStep, Probe, RefusedStep, Scenario, Step } from './vocabulary.js';

/** What was found, beside what the table says; the outcome is true when they are equal. */
export interface Found {
  readonly expected: string;
  readonly actual: string;
}

/** Plays steps on a stage. Connections that one scenario opens are known to the ones after it. */
export class Player {
  private readonly connections = new Map<string, Connection>();

  constructor(private readonly stage: Stage) {}

  async perform(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.step(step);
  }

  /**
   * What became of each outcome, in the order of the table. A call that fails where it must not makes every outcome
   * after it false: they would say nothing any more. One that fails after the last outcome fails the scenario.
   */
  async play(scenario: Scenario): Promise<Map<Expected, Found>> {
    const found = new Map<Expected, Found>();
    let failure: string | undefined;
    let told: string | undefined;
    for (const step of scenario.steps) {
      if ('outcomes' in step) {
        const before = failure;
        const looks = step.outcomes.map(async (expected) => {
          const actual = before ?? (await this.look(expected).catch(messageOf));
          found.set(expected, { expected: expectation(expected), actual });
        });
        await Promise.all(looks);
        told = failure;
      } else {
        failure ??= await this.step(step).then(() => undefined, messageOf);
      }
    }
    if (failure !== told) throw new Error(failure);
    return found;
  }

  private async step(step: Step): Promise<void> {
    if ('outcomes' in step) throw new Error('a set-up has no outcomes');
    if ('open' in step) return this.open(step);
    if ('refused' in step) return this.refused(step);
    await this.call(step);
  }

  private async call(step: Exclude<Step, { outcomes: unknown } | { open: unknown } | { refused: unknown }>) {
    const target = 'vpc' in step ? this.stage.vpc(step.vpc) : this.stage.network(step.network);
    await invoke(target, step.call);
  }

  private async refused(step: RefusedStep): Promise<void> {
    const answer = await invoke(this.stage.network(step.network), step.refused).then(
      () => 'done, exit 0',
      (error: unknown) => messageOf(error),
    );
    const line = /: exit [1-9][0-9]*: (.*)$/s.exec(answer)?.[1] ?? '';
    if (!line.includes(step.naming) || line.includes('\n'))
      throw new Error(`${step.refused[0]} must be refused in one line naming "${step.naming}": ${answer}`);
  }

  private async open(step: OpenStep): Promise<void> {
    const { machine, from } = this.stage.sender(step.from);
    const connection = await machine.connect(this.stage.address(step.to), step.tcp, from === undefined ? {} : { from });
    if ((await connection.exchange(answerWithin)) !== 'answered')
      throw new Error(`connection "${step.open}" is silent from the beginning`);
    this.connections.set(step.open, connection);
  }

  private async look(expected: Expected): Promise<string> {
    return 'connection' in expected ? this.exchange(expected) : send(this.stage, expected);
  }

  private async exchange({ connection: name, outcome }: ConnectionOutcome): Promise<string> {
    const connection = this.connections.get(name);
    if (connection === undefined) throw new Error(`connection "${name}" was not opened`);
    const result = await connection.exchange(outcome === 'ended' ? briefly.timeout : answerWithin);
    return result === 'answered' ? 'goes on' : 'ended';
  }
}

/** A line that says what is looked at and what must be found. */
export function title(expected: Expected): string {
  if ('connection' in expected) return `connection "${expected.connection}" ${expected.outcome}`;
  return `${expected.from} → ${expected.to} ${packetName(expected)}: ${expectation(expected)}`;
}

function expectation(expected: Expected): string {
  return 'connection' in expected ? expected.outcome : inWords(expected);
}

function packetName(probe: Probe): string {
  if ('tcp' in probe) return `tcp ${probe.tcp}`;
  if ('udp' in probe) return `udp ${probe.udp}`;
  if ('ping' in probe) return 'ping';
  if ('icmp' in probe) return `icmp ${probe.icmp}`;
  return `protocol ${probe.protocol}`;
}

/** The tables name a method and its arguments; that they fit together was checked where the call was written down. */
async function invoke(target: object, [method, ...values]: readonly [string, ...unknown[]]): Promise<void> {
  const called: unknown = Reflect.get(target, method);
  if (typeof called !== 'function') throw new Error(`there is no call ${method}`);
  await Reflect.apply(called, target, values);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
