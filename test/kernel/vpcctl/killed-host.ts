/**
 * A host of its own (killed.test.ts starts it under `unshare`) on which each command is ended at each of its points, and repeated. Prints a
 * line of JSON for each command.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { thisKernel } from '../../../src/executor/kernel.js';
import { formatRuleset, readRuleset } from '../../../src/format/nft/index.js';
import { NetfilterSocket } from '../../../src/kernel/netfilter-socket.js';
import { RouteSocket } from '../../../src/kernel/route-socket.js';
import * as commands from '../../../src/vpcctl/commands.js';
import { MetadataStore } from '../../../src/vpcctl/metadata/store.js';
import { type End, MortalHost } from './mortal-host.js';

const directory = '/run/vpcctl';
const store = new MetadataStore(directory);
const real: commands.Context = { kernel: thisKernel, store, dryRun: false, say: () => undefined };

type Run = (context: commands.Context) => Promise<void>;
interface Case {
  readonly name: string;
  /** What is there before the first case; the others begin with what the ones before left. */
  readonly before?: readonly Run[];
  readonly run: Run;
  /** Makes it as it was before. */
  readonly back: readonly Run[];
  /** Nothing of it is taken back when it fails: what went is gone, and the repeat does the rest. */
  readonly isRemoval?: true;
}

const policy = { version: 1, namespace: 'one-web', ingress: [{ port: 80, protocol: 'tcp', action: 'allow' as const }] };
const createOne: Run = (context) => commands.runCreateVpc(context, 'one', '10.1.0.0/16');
const createTwo: Run = (context) => commands.runCreateVpc(context, 'two', '10.2.0.0/16');
const addWeb: Run = (context) =>
  commands.runAddSubnet(context, { vpc: 'one', name: 'web', cidr: '10.1.1.0/24', type: 'public' });
const setupNat: Run = (context) => commands.runSetupNat(context, 'one', 'eth0');
const peer: Run = (context) => commands.runPeer(context, 'one', 'two');
const applyPolicy: Run = (context) => commands.runApplyPolicy(context, policy);
const removePolicy: Run = (context) => commands.runRemovePolicy(context, () => ['one', 'web']);
const deleteOne: Run = (context) => commands.runDeleteVpc(context, 'one');
const unpeer: Run = (context) => commands.runUnpeer(context, 'one', 'two');
/** A subnet goes, one becomes another, one comes. */
const former = {
  name: 'one',
  cidr: '10.1.0.0/16',
  subnets: [{ name: 'web', cidr: '10.1.1.0/24', type: 'public' as const }],
};
const desired = {
  ...former,
  nat: 'eth0',
  subnets: [
    { name: 'db', cidr: '10.1.2.0/24', type: 'private' as const, policy: { ingress: policy.ingress } },
    { name: 'web', cidr: '10.1.3.0/24', type: 'public' as const },
  ],
};

const cases: readonly Case[] = [
  { name: 'create-vpc', run: createOne, back: [deleteOne] },
  {
    name: 'add-subnet',
    before: [createOne],
    run: addWeb,
    back: [(context) => commands.runRemoveSubnet(context, 'one', 'web')],
  },
  { name: 'setup-nat', before: [addWeb], run: setupNat, back: [(context) => commands.runRemoveNat(context, 'one')] },
  { name: 'apply-policy', run: applyPolicy, back: [removePolicy] },
  { name: 'remove-policy', before: [applyPolicy], run: removePolicy, back: [applyPolicy], isRemoval: true },
  {
    name: 'apply',
    before: [(context) => commands.runApply(context, [former])],
    run: (context) => commands.runApply(context, [desired]),
    back: [(context) => commands.runApply(context, [former])],
    isRemoval: true,
  },
  { name: 'peer', before: [createTwo], run: peer, back: [unpeer] },
  { name: 'unpeer', before: [peer], run: unpeer, back: [peer], isRemoval: true },
  {
    name: 'delete-vpc',
    run: deleteOne,
    back: [createOne, addWeb, setupNat, peer],
    before: [setupNat, peer],
    isRemoval: true,
  },
];

/** All that a command may change, without indexes and the time of creation. */
async function snapshot(): Promise<string> {
  const namespaces = (await thisKernel.listNamespaces()).map((name) => [name, name] as const);
  const places: (readonly [string, string | undefined])[] = [['host', undefined], ...namespaces];
  const lines: string[] = [];
  for (const [place, name] of places) {
    const route = await RouteSocket.open(name);
    const netfilter = await NetfilterSocket.open(name);
    const links = await route.links();
    const nameOf = (index: number | undefined) => links.find((link) => link.index === index)?.name ?? '-';
    const add = (what: string, value: object) => lines.push(`${place} ${what} ${JSON.stringify(value)}`);
    for (const { name: link, up, kind, master, group } of links)
      add('link', { link, up, kind, master: nameOf(master), group });
    for (const { link, ...address } of await route.addresses({ family: 'inet' }))
      add('address', { link: nameOf(link), ...address });
    for (const { link, linkDown, ...one } of await route.routes({ family: 'inet' }))
      add('route', { link: nameOf(link), ...one });
    for (const rule of await route.rules('inet')) add('rule', rule);
    lines.push(`${place} ${formatRuleset(await readRuleset(netfilter))}`);
    await Promise.all([route.close(), netfilter.close()]);
  }
  for (const file of readdirSync(directory).sort()) {
    if (file !== '.lock')
      lines.push(`${file} ${readFileSync(`${directory}/${file}`, 'utf8').replace(/"created": "[^"]*"/, '')}`);
  }
  for (const link of ['br-one', 'br-two']) {
    for (const name of ['forwarding', 'send_redirects'])
      lines.push(
        `${link} ${name} ${await thisKernel.readSysctl(undefined, `net/ipv4/conf/${link}/${name}`).catch(() => '-')}`,
      );
  }
  return lines.sort().join('\n');
}

async function all(runs: readonly Run[] = []): Promise<void> {
  for (const run of runs) await run(real);
}

async function play(one: Case): Promise<{ name: string; points: number; problems: string[] }> {
  const problems: string[] = [];
  await all(one.before);
  const untouched = await snapshot();
  await one.run(real);
  const wanted = await snapshot();
  await all(one.back);
  const host = new MortalHost();
  const mortal: commands.Context = { ...real, kernel: host.kernel(thisKernel), store: host.store(store) };
  let most = 0;
  const ends: readonly End[] = one.isRemoval === true ? ['killed'] : ['killed', 'refused'];
  for (const end of ends) {
    for (let point = 0; ; point++) {
      host.arm(point, end);
      const failure = await one.run(mortal).then(
        () => undefined,
        (error: Error) => error,
      );
      if (failure === undefined) {
        await all(one.back);
        break;
      }
      most = Math.max(most, point + 1);
      const where = `${end} at point ${point} (${failure.message})`;
      if (end === 'refused' && one.isRemoval !== true) compare(`${where}, taken back`, await snapshot(), untouched);
      await one.run(real);
      compare(`${where}, repeated`, await snapshot(), wanted);
      await all(one.back);
    }
  }
  return { name: one.name, points: most, problems };

  function compare(where: string, has: string, should: string): void {
    if (has === should) return;
    const [is, was] = [has.split('\n'), should.split('\n')];
    const extra = is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`);
    const missing = was.filter((line) => !is.includes(line)).map((line) => `- ${line}`);
    problems.push([where, ...extra, ...missing].join('\n'));
  }
}

execFileSync('sh', [
  '-ec',
  'mount -t tmpfs tmpfs /run; mkdir /run/netns; mount -t sysfs sysfs /sys; ip link set lo up; ip link add eth0 type veth peer name wire; sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
]);
mkdirSync(directory);
for (const one of cases) process.stdout.write(`${JSON.stringify(await play(one))}\n`);
process.exit();
