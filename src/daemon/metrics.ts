/** Figures about the daemon's work in the text format of Prometheus. */

import type { Histogram, Registry } from 'prom-client';
import { stages, type Trace, type TransactionTrace } from '../trace/trace.js';

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

interface Loaded {
  readonly registry: Registry;
  readonly commands: Histogram<'command' | 'result'>;
  readonly stage: Histogram<'stage'>;
  readonly together: Histogram;
}

/** The library takes longer to load than the daemon to start, so it is loaded when first needed. */
export class Metrics {
  readonly #names = new Set<string>();
  #waiting: Observation[] = [];
  #loaded: Loaded | undefined;
  readonly #counted = new WeakSet<TransactionTrace>();

  observe(observation: Observation): void {
    if (this.#loaded === undefined) this.#waiting.push(observation);
    else this.#record(this.#loaded, observation);
  }

  /** Loads the library, unless that has been done. */
  async load(): Promise<void> {
    this.#loaded ??= await load();
    const loaded = this.#loaded;
    for (const observation of this.#waiting.splice(0)) this.#record(loaded, observation);
  }

  /** Everything, as Prometheus reads it. */
  async text(gauges: Gauges): Promise<string> {
    await this.load();
    return `${(await this.#loaded?.registry.metrics()) ?? ''}${gaugesText(gauges)}`;
  }

  #record(loaded: Loaded, { command, isDone, milliseconds, trace }: Observation): void {
    const labels = { command: this.#nameOf(command), result: isDone ? 'done' : 'failed' };
    loaded.commands.observe(labels, milliseconds / 1000);
    if (trace === undefined) return;
    recordStages(loaded, trace);
    const { transaction } = trace;
    if (transaction === undefined || this.#counted.has(transaction)) return;
    this.#counted.add(transaction);
    loaded.together.observe(transaction.calls);
    recordStages(loaded, transaction.trace);
  }

  #nameOf(command: string): string {
    if (this.#names.has(command)) return command;
    if (!commandShape.test(command) || this.#names.size >= mostNames) return 'unknown';
    this.#names.add(command);
    return command;
  }
}

async function load(): Promise<Loaded> {
  const { Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    commands: new Histogram({
      name: 'cloudstack_netns_command_seconds',
      help: 'Time of commands in the daemon',
      labelNames: ['command', 'result'],
      buckets,
      registers,
    }),
    stage: new Histogram({
      name: 'cloudstack_netns_stage_seconds',
      help: 'Time of the stages of commands; what was done for several of them together counts once',
      labelNames: ['stage'],
      buckets,
      registers,
    }),
    together: new Histogram({
      name: 'cloudstack_netns_transaction_commands',
      help: 'Commands of a transaction',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
      registers,
    }),
  };
}

function recordStages({ stage: histogram }: Loaded, trace: Trace): void {
  for (const stage of stages) {
    const milliseconds = trace.own(stage);
    if (milliseconds !== undefined) histogram.observe({ stage }, milliseconds / 1000);
  }
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
