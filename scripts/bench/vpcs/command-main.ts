/**
 * The commands of vpcctl, and what it makes of kernel memory; runs in the test host of the benchmark, in one process, and prints its samples
 * as JSON.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Context } from '../../../src/vpcctl/commands.js';
import type { DesiredVpc } from '../../../src/vpcctl/document/desired-file.js';
import { built } from './built.js';
import type { CommandSamples } from './command-samples.js';

const { thisKernel } = await built<typeof import('../../../src/executor/kernel.js')>('executor/kernel.js');
const { MetadataStore } =
  await built<typeof import('../../../src/vpcctl/metadata/store.js')>('vpcctl/metadata/store.js');
const { runAddSubnet, runApply, runCreateVpc, runDeleteVpc, runSetupNat } =
  await built<typeof import('../../../src/vpcctl/commands.js')>('vpcctl/commands.js');

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '30' }, vpcs: { type: 'string', default: '20' } },
});
const context: Context = {
  kernel: thisKernel,
  store: new MetadataStore('/run/vpcctl-bench'),
  dryRun: false,
  say: () => undefined,
};

/** Milliseconds of rest before each command: the kernel goes on taking away what was before. */
const rest = 30;
const subnetsEach = 50;

async function timed(samples: number[], run: () => Promise<void>): Promise<void> {
  await sleep(rest);
  const begin = performance.now();
  await run();
  samples.push((performance.now() - begin) * 1e6);
}

/** What the kernel has allocated for itself, in bytes (proc(5), meminfo). */
function kernelMemory(): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const counters = ['Slab', 'KernelStack', 'PageTables', 'Percpu', 'VmallocUsed'];
  return counters.reduce(
    (sum, name) => sum + 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]),
    0,
  );
}

function vpcOf(index: number, count = subnetsEach): DesiredVpc {
  const subnets = Array.from({ length: count }, (_, at) => ({
    name: `s${at}`,
    cidr: `10.${index}.${at}.0/24`,
    type: at % 2 === 0 ? ('public' as const) : ('private' as const),
  }));
  return { name: `many-${index}`, cidr: `10.${index}.0.0/16`, nat: 'eth0', subnets };
}

const samples: CommandSamples = {
  createVpc: [],
  addSubnet: [],
  addSubnetLate: [],
  setupNat: [],
  applyFifty: [],
  applyAgain: [],
  deleteFifty: [],
  subnetBytes: [],
  vpcBytes: [],
};

// First: nothing that was there before is still being taken away.
const empty = 10;
for (let round = 0; round < 10; round++) {
  const before = kernelMemory();
  for (let index = 0; index < empty; index++)
    await runCreateVpc(context, `e-${round}-${index}`, `10.${200 + index}.${round}.0/24`);
  samples.vpcBytes.push((kernelMemory() - before) / empty);
}
for (const name of context.store.names()) if (name.startsWith('e-')) await runDeleteVpc(context, name);
for (let round = 0; round < Number(values.rounds); round++) {
  await timed(samples.createVpc, () => runCreateVpc(context, 'one', '10.240.0.0/16'));
  await timed(samples.addSubnet, () =>
    runAddSubnet(context, { vpc: 'one', name: 'web', cidr: '10.240.1.0/24', type: 'public' }),
  );
  await timed(samples.setupNat, () => runSetupNat(context, 'one', 'eth0'));
  await runDeleteVpc(context, 'one');
}
for (let round = 0; round < Math.ceil(Number(values.rounds) / 5); round++) {
  await timed(samples.applyFifty, () => runApply(context, [vpcOf(239)]));
  await timed(samples.applyAgain, () => runApply(context, [vpcOf(239)]));
  await timed(samples.deleteFifty, () => runDeleteVpc(context, 'many-239'));
}
await sleep(1000);
for (let index = 1; index <= Number(values.vpcs); index++) {
  const before = kernelMemory();
  await runApply(context, [vpcOf(index)]);
  samples.subnetBytes.push((kernelMemory() - before) / subnetsEach);
}
for (let round = 0; round < 10; round++) {
  const name = `late-${round}`;
  await timed(samples.addSubnetLate, () =>
    runAddSubnet(context, { vpc: 'many-1', name, cidr: `10.1.${100 + round}.0/24`, type: 'public' }),
  );
}
// The addon's threads would keep the process alive; what is printed must be out before it ends.
process.stdout.write(JSON.stringify(samples), () => process.exit());
