/**
 * A resident host for failure injection: a process in a network and mount namespace of its own (injection.test.ts starts it under
 * `unshare`), with its own /run/netns, state directory and the links a host without 802.1Q would have. Reads names of scenarios, one a
 * line, and answers each with a line of JSON.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { failure } from '../../../src/daemon/failure.js';
import { carriedOut } from '../../../src/daemon/handler.js';
import { createHandler, type OpenHandler } from '../../../src/executor/handler.js';
import { thisKernel } from '../../../src/executor/kernel.js';
import { end } from '../../../src/services/process.js';
import { readRecord } from '../../../src/services/process-record.js';
import { StateDirectory } from '../../../src/state/state-directory.js';
import { StateError } from '../../../src/state/state-error.js';
import type { Call } from './calls.js';
import { type Failure, FaultInjector, type Point } from './faulty-kernel.js';
import { difference, type Snapshot, takeSnapshot } from './host-snapshot.js';
import type { ScenarioReport } from './scenario-report.js';
import { type Scenario, scenarios, sideBySide, sideBySideName } from './scenarios.js';

const stateRoot = '/run/state';
const devices = ['eth1', 'eth1.100', 'eth1.101', 'eth1.102', 'eth1.200', 'eth1.201', 'eth1.3998'];
const wires = devices.map((_, index) => `wire${index}`);

function shell(...commands: readonly string[]): void {
  execFileSync('sh', ['-e', '-c', commands.join('\n')], { stdio: ['ignore', 'ignore', 'pipe'] });
}

function prepare(): void {
  shell('mount -t tmpfs tmpfs /run', `mkdir ${stateRoot}`, `mount -t tmpfs -o size=256k tmpfs ${stateRoot}`);
  // Logs of programs.
  shell('mount -t tmpfs tmpfs /var/log');
  // Names of routing tables lie in /etc.
  shell('cp -a /etc /run/etc', 'mount --bind /run/etc /etc');
  shell(
    // Link-local addresses come when they like; they are nobody's here.
    'sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
    'ip link set lo up',
    ...devices.map((device, index) => `ip link add ${device} type veth peer name ${wires[index]}`),
  );
}

/** Ends the programs that a case started: those that the state directory names. */
async function endPrograms(): Promise<void> {
  const networks = readdirSync(stateRoot).filter((name) => name.startsWith('network-'));
  for (const network of networks) {
    for (const program of ['haproxy', 'radvd']) {
      const record = readRecord(`${stateRoot}/${network}/${program}/${program}.process`);
      if (record !== undefined) await Promise.all([record, ...record.former].map(end));
    }
  }
}

/** Takes away whatever a case left, so that the next begins on an untouched host. */
async function reset(): Promise<void> {
  await endPrograms();
  let names: string[] = [];
  try {
    names = readdirSync('/run/netns');
  } catch {
    // Nothing was made yet.
  }
  for (const name of names) await thisKernel.deleteNamespace(name);
  const present = () =>
    (JSON.parse(execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' })) as { ifname: string }[])
      .map(({ ifname }) => ifname)
      .filter((name) => !['lo', ...devices, ...wires].includes(name));
  // One message for all: deleting links one by one costs the kernel some 20 ms each.
  const group = 77;
  for (let rest = present(), tries = 0; rest.length > 0; rest = present()) {
    if (++tries > 100) throw new Error(`links stay: ${rest.join(' ')}`);
    shell(...rest.map((name) => `ip link set ${name} group ${group} || true`), `ip link delete group ${group} || true`);
  }
  shell(`ip -batch - <<END\n${devices.map((device) => `link set ${device} nomaster down`).join('\n')}\nEND`);
  for (const name of readdirSync(stateRoot)) rmSync(`${stateRoot}/${name}`, { recursive: true });
  rmSync('/etc/netns', { recursive: true, force: true });
}

interface Outcome {
  readonly exitCode: number;
  readonly stderr: string;
}

async function perform(handler: OpenHandler, call: Call): Promise<Outcome> {
  const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';
  try {
    return await carriedOut(handler, { program, arguments: call, environment: {}, directory: '/' });
  } catch (error) {
    return failure(error);
  } finally {
    // What was put off is in files when the host is looked at.
    for (const state of states) await state.close();
  }
}

const states: StateDirectory[] = [];

function openState(root: string): StateDirectory {
  const state = new StateDirectory({ root, tryLock: thisKernel.tryLock, files: thisKernel });
  states.push(state);
  return state;
}

async function must(handler: OpenHandler, call: Call): Promise<void> {
  const { exitCode, stderr } = await perform(handler, call);
  if (exitCode !== 0) throw new Error(`${call[0]}: ${stderr}`);
}

const injector = new FaultInjector(thisKernel);
const reports: string[] = [];

function open(): Promise<OpenHandler> {
  return createHandler({
    kernel: injector.kernel,
    stateRoot: () => stateRoot,
    openState: (root) => injector.state(openState(root)),
    report: (line) => reports.push(line),
  });
}

/** The host as the scenario wants it, and the handler that will get the call. */
async function stage({ before = [], restarted, damage = [] }: Scenario): Promise<OpenHandler> {
  await reset();
  let handler = await open();
  for (const call of before) await must(handler, call);
  if (restarted === true) {
    await handler.close();
    handler = await open();
  }
  if (damage.length > 0) shell(...damage);
  return handler;
}

/** A disk without room: the file that fills it is left out of snapshots. */
function fillDisk(): void {
  for (const size of [65536, 4096, 512, 1]) {
    for (;;) {
      try {
        writeFileSync(`${stateRoot}/ballast`, Buffer.alloc(size), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
}

/** Every failure at every point, instead of a choice that differs from scenario to scenario. */
const everything = process.env.CSN_EVERY_FAULT === '1';

const codes = ['EBUSY', 'ENOBUFS', 'ENOMEM', 'EPERM', 'ENODEV', 'EINVAL'];
let rotation = 0;

/** The failures to try at a point: one errno of many, in turn; for what is sent as a whole, both ways an answer can be lost. */
function failuresAt({ kind, what, index }: Point, points: readonly Point[]): Failure[] {
  if (kind === 'batch' || kind === 'transaction') {
    const both: Failure[] = [{ lost: 'nothing done' }, { lost: 'all done' }];
    return everything ? both : both.filter((_, index) => index === rotation % 2);
  }
  if (kind === 'state') return [{ code: ['ENOSPC', 'EIO', 'EROFS'][rotation++ % 3] ?? 'EIO' }];
  // A link that is gone already is what a deletion wants; it begins by putting links into a group, after all else is done.
  const deletes = what.startsWith('delete ') || points.slice(0, index).some((point) => point.what.startsWith('commit'));
  const usable = deletes ? codes.filter((code) => code !== 'ENODEV') : codes;
  return [{ code: usable[rotation++ % usable.length] ?? 'EIO' }];
}

/** How many points of a scenario are tried when not all are. */
const mostPoints = 2;

/** How often a case is staged until its point comes. */
const mostTries = 4;

/** Of what is read, of sysctls and of a transaction's operations some, in turn; of all that remains an even choice. */
function worthTrying(points: readonly Point[]): Point[] {
  if (everything) return [...points];
  const offset = rotation++;
  let reads = 0;
  const candidates = points.filter(({ kind }, index) => {
    if (kind === 'rule') return points[index + 1]?.kind !== 'rule';
    if (kind === 'sysctl') return index % 4 === offset % 4;
    return kind !== 'read' || reads++ % 8 === offset % 8;
  });
  const step = Math.max(1, candidates.length / mostPoints);
  return candidates.filter(
    (_, index) => Math.floor((index + offset) / step) !== Math.floor((index + offset - 1) / step),
  );
}

/** Whether the command has done all it must when this point comes, so that it may succeed. */
function comesAfterAll({ call }: Scenario, points: readonly Point[], { index, kind }: Point, fails: Failure): boolean {
  if (kind === 'settle') return true;
  const earlier = points.slice(0, index);
  if (!earlier.some((point) => point.what.startsWith('commit'))) return false;
  // The namespace is gone, and its links with it.
  const ends = /^(?:shutdown|destroy)-(?:network|vpc)$/.test(call[0] ?? '');
  if (ends && earlier.some((point) => point.what.startsWith('delete cs-'))) return true;
  // The shell wrapper's filters go after the state is written; that the answer was lost is no failure when they are gone.
  if (kind === 'transaction' && 'lost' in fails && fails.lost === 'all done') return true;
  // Links are deleted last; that the answer was lost is no failure when they are gone.
  const [next] = points.slice(index + 1);
  return (
    kind === 'batch' && 'lost' in fails && fails.lost === 'all done' && next?.what.startsWith('delete link') === true
  );
}

function describe({ kind, what, index }: Point, fails: Failure): string {
  return `${index} ${kind} "${what}": ${'code' in fails ? fails.code : `answer lost, ${fails.lost}`}`;
}

/** What is different from before, other than what the scenario says may be. */
function unwanted(
  scenario: Scenario,
  points: readonly Point[],
  point: Point | undefined,
  before: Snapshot,
  after: Snapshot,
) {
  const lost = scenario.lostLinks ?? [];
  // Ended connections do not come back; they come after all that fails in practice.
  const ended = points.some(({ kind, index }) => kind === 'connections' && point !== undefined && index < point.index);
  return difference(before.exact, after.exact).filter((line) => {
    if (lost.some((name) => line.startsWith('- ') && (line.includes(`${name} `) || line.includes(`/${name}/`))))
      return false;
    if (line.endsWith(': plain file ')) return false;
    if (lost.length > 0 && line.startsWith('- ') && lost.some((name) => line.includes(`"dev":"${name}"`))) return false;
    if (ended && /^- [^ ]+: connection /.test(line)) return false;
    return scenario.rulesPutRightBy === undefined || !isRule(line.slice(2));
  });
}

const isRule = (line: string) => /^[^ ]+: nft /.test(line);

/** The rules a scenario may end with when its call fails, besides those it began with. */
async function rulesPutRight(scenario: Scenario): Promise<readonly string[] | undefined> {
  const { rulesPutRightBy: call } = scenario;
  if (call === undefined) return undefined;
  const handler = await stage(scenario);
  await must(handler, call);
  await handler.close();
  return takeSnapshot(stateRoot).plain.filter(isRule);
}

async function play(scenario: Scenario): Promise<ScenarioReport> {
  const start = performance.now();
  const problems: string[] = [];
  const kinds: Record<string, number> = {};
  const check = (what: string, lines: readonly string[]) => {
    if (lines.length > 0) problems.push([what, ...lines.slice(0, 12)].join('\n    '));
  };

  const putRight = await rulesPutRight(scenario);

  // Undisturbed: what comes by, and how it ends.
  let handler = await stage(scenario);
  const before = takeSnapshot(stateRoot);
  injector.arm();
  const undisturbed = await perform(handler, scenario.call);
  await settled();
  const points = injector.disarm();
  if (undisturbed.exitCode !== 0) throw new Error(`${scenario.name}: fails undisturbed: ${undisturbed.stderr}`);
  const end = takeSnapshot(stateRoot);
  if (scenario.changesNothing === true) check('something has changed', difference(before.exact, end.exact));
  await must(handler, scenario.call);
  check('a repeat changes something', difference(end.exact, takeSnapshot(stateRoot).exact));
  await handler.close();
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const open = descriptors();

  const one = async (
    what: string,
    point: Point | undefined,
    mayWork: boolean,
    fault: Parameters<FaultInjector['arm']>[0],
  ) => {
    let staged: Snapshot;
    let outcome: Outcome;
    let passed: readonly Point[];
    let tries = 0;
    do {
      if (++tries > 1) await handler.close();
      handler = await stage(scenario);
      staged = takeSnapshot(stateRoot);
      check(`${what}: staged differently`, difference(before.plain, staged.plain));
      if (point === undefined) fillDisk();
      injector.arm(fault);
      outcome = await perform(handler, scenario.call);
      await settled();
      passed = injector.disarm();
      // What was read once more the first time, because something had changed meanwhile, need not be read once more now.
    } while (fault !== undefined && !injector.struck && tries < mostTries);
    if (fault !== undefined && !injector.struck) problems.push(`${what}: this point does not come again`);
    if (point === undefined) unlinkSync(`${stateRoot}/ballast`);
    // Old state that could not be deleted lies out of sight until the next start.
    const left = (line: string) => point?.kind === 'settle' && line.startsWith('+ file .removed-');
    const missed = () => difference(end.plain, takeSnapshot(stateRoot).plain).filter((line) => !left(line));
    if (outcome.exitCode === 0) {
      if (!mayWork) problems.push(`${what}: the command says it succeeded`);
      check(`${what}: succeeded, but the end is another`, missed());
    } else {
      if (
        !/^cloudstack-netns: [^\n]{10,400}\n$/.test(outcome.stderr) ||
        /internal error|undefined|NaN/.test(outcome.stderr)
      ) {
        problems.push(`${what}: not one clear line: ${JSON.stringify(outcome.stderr)}`);
      }
      if (mayWork) problems.push(`${what}: failed although all was done: ${outcome.stderr}`);
      const after = takeSnapshot(stateRoot);
      const failed = `${what} → ${outcome.stderr.trim()}`;
      check(`${failed}: the host is not as before`, unwanted(scenario, passed, point, staged, after));
      const rules = after.plain.filter(isRule);
      if (putRight !== undefined && difference(staged.plain.filter(isRule), rules).length > 0) {
        check(`${failed}: the rules are neither as before nor right`, difference(putRight, rules));
      }
    }
    // Every other time the daemon is started anew before the repeat.
    if (rotation % 2 === 0) {
      await handler.close();
      handler = await openAgain();
    }
    const repeat = await perform(handler, scenario.call);
    await settled();
    if (repeat.exitCode !== 0) problems.push(`${what}: the repeat fails: ${repeat.stderr}`);
    else check(`${what}: the repeat ends differently`, missed());
    await handler.close();
    // Sockets are closed in the background.
    let more = descriptors() - open;
    for (let tries = 0; more > 0 && tries < 200; tries++) {
      await pause(20);
      more = descriptors() - open;
    }
    if (more > 0) problems.push(`${what}: ${more} descriptors stay open`);
  };

  let cases = 0;
  for (const point of worthTrying(points)) {
    for (const fails of failuresAt(point, points)) {
      cases++;
      kinds[point.kind] = (kinds[point.kind] ?? 0) + 1;
      await one(describe(point, fails), point, comesAfterAll(scenario, points, point, fails), {
        point,
        failure: fails,
      });
    }
  }
  const files = before.plain.filter((line) => line.startsWith('file ')).join('\n');
  // An empty file needs no room.
  const writes = end.plain.some((line) => line.startsWith('file ') && / "(?!"$)/.test(line) && !files.includes(line));
  if (writes) {
    cases++;
    kinds.disk = 1;
    await one('the disk is full', undefined, false, undefined);
  }
  return {
    scenario: scenario.name,
    points: points.length,
    cases,
    kinds,
    problems,
    milliseconds: performance.now() - start,
  };
}

const openAgain = open;

/**
 * Two networks on one public VLAN at the same time, on a host that has neither bridge. Both succeed; or the first fails at the end, when
 * the second has built on what the first made, which must stay then.
 */
async function playSideBySide(): Promise<ScenarioReport> {
  const start = performance.now();
  const problems: string[] = [];
  const [one, other] = sideBySide;
  const undisturbed = async (handler: OpenHandler) => {
    for (const { implement, assign } of sideBySide) for (const call of [implement, assign]) await must(handler, call);
  };
  let handler = await stage({ name: '', call: [] });
  await undisturbed(handler);
  const end = takeSnapshot(stateRoot);
  await handler.close();

  const tries = 8;
  for (let round = 0; round < tries; round++) {
    const fails = round % 2 === 0;
    await reset();
    // The first command waits with its state until the second is done.
    let otherIsDone: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      otherIsDone = resolve;
    });
    let isArmed = false;
    handler = await createHandler({
      stateRoot: () => stateRoot,
      openState: (root) => {
        const state = openState(root);
        return {
          root,
          lock: (domain) => state.lock(domain),
          readDomainFiles: (domain) => state.readDomainFiles(domain),
          signature: (networkIds) => state.signature(networkIds),
          settle: (domain, below) => state.settle(domain, below),
          close: () => state.close(),
          commit: (domain, edits) => state.commit(domain, edits),
          prepare: async (domain, edits) => {
            if (isArmed && edits.some(({ path }) => path.startsWith('network-42/'))) {
              isArmed = false;
              await waiting;
              if (fails) throw new StateError('ENOSPC, injected');
            }
            return state.prepare(domain, edits);
          },
        };
      },
    });
    await Promise.all(sideBySide.map(({ implement }) => must(handler, implement)));
    isArmed = true;
    const [first] = await Promise.all([
      perform(handler, one.assign),
      perform(handler, other.assign).then((outcome) => {
        otherIsDone();
        if (outcome.exitCode !== 0) problems.push(`round ${round}: the other fails: ${outcome.stderr}`);
      }),
    ]);
    if ((first.exitCode !== 0) !== fails) problems.push(`round ${round}: ${first.stderr || 'succeeds'}`);
    const now = takeSnapshot(stateRoot).plain;
    const missing = difference(end.plain, now).filter((line) => !/-42|203\.0\.113\.10\b|breth1-100/.test(line));
    if (missing.length > 0) problems.push([`round ${round}: the other is not complete`, ...missing].join('\n    '));
    if (fails) await must(handler, one.assign);
    const different = difference(end.plain, takeSnapshot(stateRoot).plain);
    if (different.length > 0) problems.push([`round ${round}: ends differently`, ...different].join('\n    '));
    await handler.close();
  }
  const milliseconds = performance.now() - start;
  return { scenario: sideBySideName, points: 0, cases: tries, kinds: { parallel: tries }, problems, milliseconds };
}

/** What a command leaves to be done in the background has begun, and old state files that are on their way out are gone. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  const leaving = () => readdirSync(stateRoot).some((name) => /^\.(?:removed|staged)-/.test(name));
  for (let tries = 0; leaving() && tries < 50; tries++) await pause(10);
}

prepare();
mkdirSync('/run/netns', { recursive: true });
for await (const name of createInterface({ input: process.stdin })) {
  const scenario = scenarios.find((one) => one.name === name);
  const report: ScenarioReport | { error: string } =
    scenario === undefined && name !== sideBySideName
      ? { error: `no scenario "${name}"` }
      : await (scenario === undefined ? playSideBySide() : play(scenario)).catch((error: unknown) => ({
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }));
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
await endPrograms();
process.exit(0);
