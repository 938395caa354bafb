import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { projectRoot } from '../../test/host/project-root.js';
import { measureBatch } from './batch/batch.js';
import { writeCharts } from './charts.js';
import { commandLabels, measureCommands } from './commands.js';
import { type Comparison, measureComparison } from './comparison/comparison.js';
import { comparisonTable, figureTable, isComparison } from './comparison/comparison-table.js';
import { fidelityTable } from './comparison/fidelity.js';
import { type Figure, figureMet } from './comparison/figure.js';
import { comparisonReport } from './comparison/report.js';
import { measureGuests } from './guests/guests.js';
import { describeMachine, machineWords } from './machine.js';
import type { Section } from './measurement.js';
import { buildNativePrograms } from './native-programs.js';
import { measurePackets } from './packets/packets.js';
import { measureRules, ruleLabels } from './rules/rules.js';
import { isMemoryGoalMet, type MemorySection } from './services/memory.js';
import { measureServices } from './services/services.js';
import { measureSsh } from './ssh/ssh.js';
import { measureStart } from './start/start.js';
import { summarize } from './statistics.js';
import { memoryTable, sectionTable, splitTable } from './table.js';
import type { SplitSection } from './trace/split.js';
import { traceCommands, tracedForwards } from './trace/trace-commands.js';
import { tracedRuleSizes, traceRules } from './trace/trace-rules.js';
import { measureVpcs } from './vpcs/vpcs.js';

const usage = `usage: npm run bench -- [options]

Measures the built product (npm run build): the TypeScript API against a C program that sends the same bytes, CloudStack's commands
through the installed client, what packets pay for long lists, what the services of 500 networks take of memory, vpcctl beside a
plain veth pair, and all of it against a shell wrapper. Needs root, a C compiler, apache2-bin, iperf3 and a quiet machine. About 25 minutes.

  --quick          few samples, 1,000 port forwards instead of 100,000, goals are not judged; about two minutes
  --only PART      kernel, commands, batch, guests, rules, packets, services, start, split, ssh, vpcctl, or comparison
  --wrapper PATH   compares with the shell wrapper in this file, which is installed in the product's place in a host of its own; without:
                   with scripts/baseline. Implies --only comparison
  --output DIR     results.json and the charts go there, and while it runs the state directory of the test host: it should be
                   on a real disk (default: bench-results)
Exit: 0 when every goal is met (always with --quick), else 1.
`;

const allParts = [
  'kernel',
  'commands',
  'batch',
  'guests',
  'split',
  'rules',
  'packets',
  'services',
  'start',
  'ssh',
  'vpcctl',
  'comparison',
] as const;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    wrapper: { type: 'string' },
    output: { type: 'string', default: join(projectRoot, 'bench-results') },
    help: { type: 'boolean', default: false },
  },
});
if (values.help || (values.only !== undefined && !allParts.some((part) => part === values.only))) {
  process.stdout.write(usage);
  process.exit(values.help ? 0 : 1);
}
const only = values.only ?? (values.wrapper === undefined ? undefined : 'comparison');
process.exitCode = await main(resolve(values.output), values.quick, only, values.wrapper);

async function main(
  output: string,
  quick: boolean,
  only: string | undefined,
  wrapper: string | undefined,
): Promise<number> {
  const say = (text: string) => process.stdout.write(`${text}\n\n`);
  const wanted = (part: (typeof allParts)[number]) => only === undefined || only === part;
  await mkdir(output, { recursive: true });
  const machine = await describeMachine(output);
  say(machineWords(machine));
  await buildNativePrograms();

  const sections: Section[] = [];
  const keep = (section: Section) => {
    sections.push(section);
    say(isComparison(section) ? comparisonTable(section, !quick) : sectionTable(section, !quick));
  };
  if (wanted('kernel')) keep(await kernelSection(quick));
  if (wanted('vpcctl')) for (const section of await measureVpcs(quick)) keep(section);
  if (wanted('packets')) keep(await withStateDisk(output, (disk) => measurePackets(disk, quick)));
  // Before the commands: those end with the removal of 100,000 files, after which ext4 makes files more slowly for a minute.
  const splits = wanted('split') ? await splitSections(output, quick) : [];
  for (const split of splits) say(splitTable(split));

  const single: Record<string, number> = {};
  const figures: Figure[] = [];
  const keepFigures = (some: readonly Figure[]) => {
    figures.push(...some);
    if (some.length > 0) say(figureTable(some, !quick));
  };
  if (wanted('rules')) {
    const rules = await withStateDisk(output, (disk) => measureRules(disk, quick));
    keep(rules.section);
    keepFigures(rules.figures);
    Object.assign(single, rules.firstCalls);
  }
  if (wanted('guests')) keep(await withStateDisk(output, (disk) => measureGuests(disk, quick)));
  if (wanted('ssh')) keep(await withStateDisk(output, (disk) => measureSsh(disk, quick)));
  if (wanted('start'))
    for (const section of await withStateDisk(output, (disk) => measureStart(disk, quick))) keep(section);
  if (wanted('commands')) {
    const commands = await withStateDisk(output, (disk) => measureCommands(disk, quick));
    keep(commands.section);
    single["first call after a daemon's start, very many forwards to be loaded"] = commands.firstCall;
    single['shutdown-network of the network with very many forwards'] = commands.lastCall;
  }
  if (wanted('batch')) keepFigures(await withStateDisk(output, (disk) => measureBatch(disk, quick)));
  const comparison = wanted('comparison') ? await compare(output, quick, wrapper, keep, say) : undefined;
  figures.push(...(comparison?.figures ?? []));
  for (const [what, milliseconds] of Object.entries(single)) say(`Once: ${what}: ${milliseconds.toFixed(0)} ms`);
  const memory: MemorySection[] = [];
  if (wanted('services')) {
    const services = await withStateDisk(output, (disk) => measureServices(disk, quick));
    keep(services.section);
    memory.push(services.memory);
    say(memoryTable(services.memory, !quick));
  }
  const results = {
    machine,
    quick,
    singleMilliseconds: single,
    sections: sections.map((section) => ({
      ...section,
      measurements: section.measurements.map((measurement) => ({
        ...measurement,
        summary: summarize(measurement, section),
      })),
    })),
    splits: splits.flatMap((section) => section.splits),
    memory,
    figures,
  };
  await writeFile(join(output, 'results.json'), `${JSON.stringify(results)}\n`);
  const charts = await writeCharts(output, { machine, sections, splits, memory });
  if (comparison !== undefined) {
    const report = comparisonReport({ machine, comparison, judge: !quick, charts });
    await writeFile(join(output, 'comparison.html'), report);
  }
  say(`Raw numbers and charts: ${output}`);

  const isMissed =
    memory.some(({ rows }) => rows.some((row) => isMemoryGoalMet(row) === false)) ||
    sections.some((section) =>
      section.measurements.some((measurement) => summarize(measurement, section).goalMet === false),
    ) ||
    figures.some((figure) => figureMet(figure) === false);
  return isMissed && !quick ? 1 : 0;
}

/** The product against a shell wrapper. */
async function compare(
  output: string,
  quick: boolean,
  wrapper: string | undefined,
  keep: (section: Section) => void,
  say: (text: string) => void,
): Promise<Comparison> {
  const comparison = await measureComparison({
    wrapper,
    quick,
    withDisk: (work) => withStateDisk(output, work),
    tell: (sections, figures) => {
      for (const section of sections) keep(section);
      if (figures.length > 0) say(figureTable(figures, !quick));
    },
  });
  if (wrapper === undefined) say(fidelityTable(comparison.sections));
  return comparison;
}

/** The same calls with a daemon that takes notes. */
async function splitSections(output: string, quick: boolean): Promise<SplitSection[]> {
  return [
    {
      id: 'split',
      title: 'Where the time of a command goes',
      splits: await withStateDisk(output, (disk) => traceCommands(disk, quick)),
      labels: commandLabels(tracedForwards),
    },
    {
      id: 'split-rules',
      title: 'Where the time of a list of rules goes',
      splits: await withStateDisk(output, (disk) => traceRules(disk, quick)),
      labels: ruleLabels(tracedRuleSizes(quick)),
    },
  ];
}

/** In a process of its own, which stays in a network namespace of its own. */
async function kernelSection(quick: boolean): Promise<Section> {
  const helper = join(projectRoot, 'test/host/run-typescript.mjs');
  const program = join(projectRoot, 'scripts/bench/kernel-main.ts');
  const argv = ['--net', process.execPath, helper, program, ...(quick ? ['--quick'] : [])];
  const { stdout } = await execa('unshare', argv, { stderr: 'inherit', maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Section;
}

/** A directory on the disk of `output`, gone afterwards. */
async function withStateDisk<Result>(output: string, work: (disk: string) => Promise<Result>): Promise<Result> {
  const disk = await mkdtemp(join(output, 'state-'));
  try {
    return await work(disk);
  } finally {
    await rm(disk, { recursive: true, force: true });
  }
}
