/** Figures about the daemon's work in the text format of Prometheus. */

import { type Stage, stages, type Trace, type TransactionTrace } from '../trace/trace.js';
import { Distribution } from './distribution.js';

/** One command that was carried out. */
export interface Observation {
  readonly command: string;
  readonly isDone: boolean;
  /** Of the whole. */
  readonly milliseconds: number;
  readonly trace: Trace | undefined;
}

/** What is as it is when somebody asks. */
export interface Gauges {
  readonly servedNetworks: number;
  readonly services: readonly {
    readonly name: string;
    readonly extension: string;
    readonly networkId: string;
    readonly pid?: number | undefined;
    readonly restarts: number;
  }[];
}

/** Name of the command that asks the daemon for its figures. No command of CloudStack begins with a dash. */
export const metricsCommand = '--metrics';

/** Upper ends of the histograms' buckets, in seconds: from what nothing costs to what an operator waits for. */
const buckets = [
  0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** Commands that CloudStack knows look like this; anything else is counted under one name. */
const commandShape = /^[a-z][a-z-]{0,63}$/;

/** Most different names of commands; who calls names nonsense must not fill the memory. */
const mostNames = 64;

/** The distributions of one histogram, in the order in which their labels first came up. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly bounds: readonly number[];
  readonly members: Distribution[];
}

export class Metrics {
  readonly #commands: Family = {
    name: 'cloudstack_netns_command_seconds',
    help: 'Time of commands in the daemon',
    bounds: buckets,
    members: [],
  };
  readonly #stages: Family = {
    name: 'cloudstack_netns_stage_seconds',
    help: 'Time of the stages of commands; what was done for several of them together counts once',
    bounds: buckets,
    members: [],
  };
  readonly #transactions: Family = {
    name: 'cloudstack_netns_transaction_commands',
    help: 'Commands of a transaction',
    bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
    members: [],
  };
  readonly #byCommand = { done: new Map<string, Distribution>(), failed: new Map<string, Distribution>() };
  readonly #byStage = new Map<Stage, Distribution>();
  readonly #together = memberOf(this.#transactions, {});
  readonly #names = new Set<string>();
  readonly #counted = new WeakSet<TransactionTrace>();

  observe({ command, isDone, milliseconds, trace }: Observation): void {
    this.#ofCommand(command, isDone ? 'done' : 'failed').add(milliseconds / 1000);
    if (trace === undefined) return;
    this.#addStages(trace);
    const { transaction } = trace;
    if (transaction === undefined || this.#counted.has(transaction)) return;
    this.#counted.add(transaction);
    this.#together.add(transaction.calls);
    this.#addStages(transaction.trace);
  }

  /** Everything, as Prometheus reads it. The library for that takes longer to load than the daemon to start, so it is loaded when somebody asks. */
  async text(gauges: Gauges): Promise<string> {
    const { AggregatorRegistry } = await import('prom-client');
    const registry = AggregatorRegistry.aggregate([
      [this.#commands, this.#stages, this.#transactions].map(histogramOf),
    ]);
    return `${await registry.metrics()}${gaugesText(gauges)}`;
  }

  #addStages(trace: Trace): void {
    for (const stage of stages) {
      const milliseconds = trace.own(stage);
      if (milliseconds !== undefined) this.#ofStage(stage).add(milliseconds / 1000);
    }
  }

  #ofCommand(command: string, result: 'done' | 'failed'): Distribution {
    const own = this.#byCommand[result];
    const known = own.get(command);
    if (known !== undefined) return known;
    const name = this.#nameOf(command);
    const member = own.get(name) ?? memberOf(this.#commands, { command: name, result });
    own.set(name, member);
    return member;
  }

  #ofStage(stage: Stage): Distribution {
    const known = this.#byStage.get(stage);
    if (known !== undefined) return known;
    const made = memberOf(this.#stages, { stage });
    this.#byStage.set(stage, made);
    return made;
  }

  #nameOf(command: string): string {
    if (this.#names.has(command)) return command;
    if (!commandShape.test(command) || this.#names.size >= mostNames) return 'unknown';
    this.#names.add(command);
    return command;
  }
}

/** One more, of labels that had none. */
function memberOf({ bounds, members }: Family, labels: Readonly<Record<string, string>>): Distribution {
  const made = new Distribution(labels, bounds);
  members.push(made);
  return made;
}

/** As a registry of prom-client takes what another one has counted. */
function histogramOf({ name, help, members }: Family): object {
  return { name, help, type: 'histogram', aggregator: 'sum', values: members.flatMap((one) => one.samples(name)) };
}

function gaugesText({ servedNetworks, services }: Gauges): string {
  const { rss } = process.memoryUsage();
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const labels = ({ name, extension, networkId }: Gauges['services'][number]) =>
    `{service="${name}",extension="${extension}",network="${networkId}"}`;
  const families: [string, string, string, string[]][] = [
    ['process_resident_memory_bytes', 'gauge', 'Memory of the daemon', [` ${rss}`]],
    ['process_cpu_seconds_total', 'counter', 'CPU time of the daemon', [` ${(userCPUTime + systemCPUTime) / 1e6}`]],
    ['cloudstack_netns_served_networks', 'gauge', 'Networks whose guests are told user data', [` ${servedNetworks}`]],
    [
      'cloudstack_netns_service_up',
      'gauge',
      'Whether a program that serves guests runs',
      services.map((service) => `${labels(service)} ${service.pid === undefined ? 0 : 1}`),
    ],
    [
      'cloudstack_netns_service_restarts_total',
      'counter',
      'How often it was started again since the start of the daemon',
      services.map((service) => `${labels(service)} ${service.restarts}`),
    ],
  ];
  return families
    .map(
      ([name, type, help, samples]) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map((sample) => `${name}${sample}\n`).join('')}`,
    )
    .join('');
}
