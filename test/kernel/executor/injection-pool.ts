import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { buildProgram } from './build-program.js';
import type { ScenarioReport } from './scenario-report.js';

/** One resident host (injection-host.ts). */
interface Host {
  readonly process: ChildProcess;
  ask(scenario: string): Promise<ScenarioReport>;
}

/** Some hosts, each in namespaces of its own, that play scenarios side by side. */
export class InjectionPool {
  readonly #hosts: Host[];
  readonly #idle: Host[];
  readonly #waiting: ((host: Host) => void)[] = [];

  constructor(size: number) {
    const program = buildProgram('injection-host');
    this.#hosts = Array.from({ length: size }, () => startHost(program));
    this.#idle = [...this.#hosts];
  }

  async play(scenario: string): Promise<ScenarioReport> {
    const host = this.#idle.pop() ?? (await new Promise<Host>((resolve) => this.#waiting.push(resolve)));
    try {
      return await host.ask(scenario);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(host);
      else next(host);
    }
  }

  end(): void {
    for (const host of this.#hosts) host.process.stdin?.end();
  }
}

function startHost(program: string): Host {
  const child = spawn(
    'unshare',
    ['--net', '--mount', '--propagation', 'private', '--', process.execPath, '--enable-source-maps', program],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    async ask(scenario) {
      child.stdin.write(`${scenario}\n`);
      const { done, value } = await answers.next();
      if (done === true) throw new Error('the test host has ended');
      const answer = JSON.parse(value) as ScenarioReport | { error: string };
      if ('error' in answer) throw new Error(answer.error);
      return answer;
    },
  };
}
