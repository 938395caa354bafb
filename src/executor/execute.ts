/** Carries out a plan on a domain: all of it, or nothing. */

import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../commands/command-error.js';
import type { Plan, PlannedAction } from '../commands/plan.js';
import { refusedConnections } from '../dataplane/refused-connections.js';
import { type KernelError, UnknownOutcomeError } from '../kernel/errors.js';
import { RouteTransaction } from '../kernel/route/transaction.js';
import type { Attempt } from '../kernel/route-socket.js';
import { applyChange, revertChanges } from '../model/change.js';
import { type Domain, speaksIpv6 } from '../model/domain.js';
import { allEdits } from '../state/all-edits.js';
import type { PreparedCommit } from '../state/commit.js';
import { allOf } from '../state/file-batches.js';
import type { FileEdit } from '../state/file-edit.js';
import type { StateDirectory } from '../state/state-directory.js';
import type { Trace } from '../trace/trace.js';
import { act } from './act.js';
import type { ActionAnswer } from './answer.js';
import { type NextSteps, nextSteps, type Round, removalSteps, type Step, sharedLinks } from './converge.js';
import type { GuestPrograms } from './guest-programs.js';
import type { Kernel, RouteAccess } from './kernel.js';
import type { LinkRemoval } from './link-removal.js';
import { type Observed, observe, observedAfter, removableEnds } from './observed.js';
import { restorePolicyRouting } from './policy-routing.js';
import { Session } from './session.js';
import type { SharedUse, Use } from './shared-use.js';
import { enableIpv6, initSysctls, setSysctls, withoutIpv6 } from './sysctls.js';
import { TableNamesFile } from './table-names.js';
import type { TimeLimit } from './time-limit.js';
import { UndoStack } from './undo.js';

/** The state directory as the executor sees it. */
export type State = Pick<
  StateDirectory,
  'root' | 'lock' | 'readDomainFiles' | 'settle' | 'signature' | 'commit' | 'prepare' | 'close'
>;

/** What all domains of a host have in common. */
export interface Surroundings {
  readonly kernel: Kernel;
  /** rtnetlink on the host. */
  readonly host: RouteAccess;
  /** Open descriptor of the host's own namespace. */
  readonly hostDescriptor: number;
  readonly sharedUse: SharedUse;
  readonly services: GuestPrograms;
  /** Whether connections can be ended by a filter in the kernel. */
  readonly filteredEnd: () => Promise<boolean>;
  readonly linkRemoval: LinkRemoval;
  /** Told about what goes wrong but does not make a command fail. */
  readonly report: (line: string) => void;
}

/** What a plan is carried out on. */
export interface Place extends Surroundings {
  readonly domain: Domain;
  readonly state: State;
  /** The namespace, while it is open. */
  session: Session | undefined;
  /** Whether the namespace's sysctls have been seen to be right. */
  hasSysctls: boolean;
  /** Where the time of the present commands goes. */
  trace: Trace;
  /** How long those who gave the present commands wait. */
  limits: readonly TimeLimit[];
  /** What the files of its services were like when they were last read or written. */
  signature: string;
}

/** A plan failed, and so did taking it back: what is in memory may not be what is on the host. */
export class IncompleteUndoError extends Error {
  override readonly name = 'IncompleteUndoError';
}

/** A plan that is being carried out. */
interface Run {
  readonly plan: Plan;
  readonly place: Place;
  readonly undo: UndoStack;
  readonly use: Use;
}

/** More rounds than the deepest chain of links needs: bridge, pair, stray end, inside. */
const mostRounds = 8;

/** How long links may take to go after their namespace: tries, and milliseconds between them. */
const vanishing = { tries: 20, pause: 50 } as const;

/** What the kernel answers when a thing that is to be deleted is not there. */
const gone: readonly string[] = ['ENODEV', 'ESRCH', 'EADDRNOTAVAIL', 'ENOENT'];

/**
 * @returns what a custom action answers
 * @throws CommandError, KernelError, … after everything done so far was taken back.
 */
export async function execute(plan: Plan, place: Place): Promise<ActionAnswer | undefined> {
  const use = place.sharedUse.begin(sharedLinks(plan.links));
  const run: Run = { plan, place, use, undo: new UndoStack() };
  try {
    if (plan.action !== undefined) return await actInside(plan.action, run);
    if (plan.namespace === 'remove') await remove(run);
    else await build(run);
    return undefined;
  } catch (error) {
    const left = await run.undo.run();
    throw left.length === 0 ? error : incomplete(error, left);
  } finally {
    use.end();
  }
}

/** A custom action; the planner has seen that the namespace is there. */
async function actInside(action: PlannedAction, run: Run): Promise<ActionAnswer> {
  const { plan, place, undo } = run;
  stopIfTooLate(place);
  if (plan.namespace === 'ensure') await build(run);
  const { session } = place;
  if (session === undefined) throw new CommandError(`namespace ${place.domain.namespace} does not exist`);
  const answer = await act(action, { place, session, undo, perform: (steps) => perform(steps, run) });
  for (const limit of place.limits) limit.finish();
  return answer;
}

/** What is begun is taken back when nobody waits for it any more. @throws TooLateError */
function stopIfTooLate({ limits }: Place): void {
  for (const limit of limits) limit.check();
}

/** What follows cannot be taken back, so its end is waited for. @throws TooLateError */
function passNoReturn({ limits }: Place): void {
  for (const limit of limits) limit.check();
  for (const limit of limits) limit.finish();
}

const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

function incomplete(error: unknown, left: readonly unknown[]): Error {
  return new IncompleteUndoError(
    `${words(error)}; and ${left.length} steps could not be taken back, first: ${words(left[0])}; repeat the command`,
    { cause: error },
  );
}

/** What cannot be taken back comes last: connections, the shell wrapper's filters, then pairs of links. */
async function build(run: Run): Promise<void> {
  const { plan, place, undo } = run;
  const restoreServices = servicesBefore(run);
  const { trace } = place;
  stopIfTooLate(place);
  const files = new NewFiles(run);
  undo.push(() => files.discard());
  const linking = trace.during('kernel', () => beginLinks(run));
  // While the kernel is at work. It takes a long list in for long enough that the text of it can be made then, too.
  if (!hasLongList(plan)) files.prepare();
  const linked = await linking;
  const prepared = await changeRulesAndCheck(run, files, linked);
  // Put back after the files, which they read, and after the addresses, on which they listen.
  undo.push(restoreServices);
  await trace.during('kernel', () => removeAddresses(run));
  stopIfTooLate(place);
  await trace.during('services', () => place.services.stopUnwanted(plan.services, place.state.root, place.domain));
  const commit = await trace.during('state', () => prepared.publish());
  undo.push(() => commit.undo());
  await trace.during('kernel', async () => (await linked.made).quieted);
  await trace.during('services', () =>
    place.services.converge(plan.services, files.edits, place.state.root, place.domain),
  );
  passNoReturn(place);
  await trace.during('kernel', async () => {
    await endConnections(plan, place);
    await place.session?.takeOverFilters(place.domain);
    await removePairs(run);
  });
  await trace.during('state', () => settle(commit, place));
}

/** The new state on its way to disk, where nobody sees it until it is published. */
class NewFiles {
  #edits: readonly FileEdit[] | undefined;
  #preparing: Promise<PreparedCommit> | undefined;

  constructor(private readonly run: Run) {}

  get edits(): readonly FileEdit[] {
    this.#edits ??= editsOf(this.run);
    return this.#edits;
  }

  /** Begins it, unless that has been done. */
  prepare(): Promise<PreparedCommit> {
    const { domain, state, trace } = this.run.place;
    if (this.#preparing === undefined) {
      this.#preparing = trace.during('state', async () => state.prepare(domain.id, this.edits));
      this.#preparing.catch(() => undefined);
    }
    return this.#preparing;
  }

  /** Once it was published there is nothing left to discard. */
  async discard(): Promise<void> {
    await (await this.#preparing?.catch(() => undefined))?.discard();
  }
}

/** The text of a list of so many rules takes a part of a millisecond. */
const longList = 500;

function hasLongList({ changes }: Plan): boolean {
  return changes.some(({ kind, after }) => kind === 'firewall' && after !== undefined && after.count > longList);
}

/** Links, addresses and routes that are on their way. */
interface LinksUnderWay {
  /** When everything is there. */
  readonly made: Promise<LinksMade>;
}

interface LinksMade {
  /** When those that were made on the host speak no IPv6. */
  readonly quieted: Promise<void>;
}

/**
 * The namespace, its links, addresses and routes. Returns when it is known what is missing, and the first of it is on its way: rules name links,
 * they need none, so they need not wait for them. When this throws, nothing is changed any more.
 */
async function beginLinks(run: Run): Promise<LinksUnderWay> {
  const { plan, place, undo } = run;
  const isNew = plan.namespace === 'ensure' && (await ensureNamespace(run));
  const { session } = place;
  if (session === undefined) return { made: Promise.resolve({ quieted: Promise.resolve() }) };
  const looking = wantsLinks(plan) ? observe(plan.links, place.kernel, place.host, session.route) : undefined;
  looking?.catch(() => undefined);
  if (plan.namespace === 'ensure' || !place.hasSysctls) {
    const isDualStack = plan.links.ipv6Links.length > 0 || hasIpv6(place.domain);
    const settings = isNew ? initSysctls : setSysctls;
    undo.push(await settings(place.kernel, session.namespace, isDualStack));
    place.hasSysctls = true;
  }
  const seen = await looking;
  stopIfTooLate(place);
  const first = seen === undefined ? undefined : { seen, next: nextSteps(roundOf(run, session, seen)) };
  const made = place.trace.during('kernel', async () => {
    const names: string[] = [];
    let quieted: Promise<void>;
    try {
      if (first !== undefined) await converge(run, session, first, names);
    } finally {
      // Not before the last link is made: it takes the same lock. Also after a failure: a bridge stays if another network counts on it.
      quieted = withoutIpv6(place.kernel, names);
      quieted.catch(() => undefined);
    }
    if (plan.restoresPolicyRouting) await restorePolicyRouting(place, session);
    return { quieted };
  });
  // Whoever waits for it hears of it.
  made.catch(() => undefined);
  return { made };
}

async function removeAddresses(run: Run): Promise<void> {
  const { plan, place } = run;
  const { links } = plan;
  if (links.removedAddresses.length === 0 && links.removedHostRoutes.length === 0) return;
  await perform(removalSteps(links, await observe(links, place.kernel, place.host, place.session?.route)), run);
}

/**
 * Changes the rules and has the services look at what they are to read, while links are being made; waits for these, and for the new state to
 * be on disk.
 */
async function changeRulesAndCheck(run: Run, files: NewFiles, { made }: LinksUnderWay): Promise<PreparedCommit> {
  const { plan, place } = run;
  const { domain, services, state, trace } = place;
  // The domain is as it will be from here on, and the kernel has what it is to do.
  const changing = changeRules(run);
  const preparing = files.prepare();
  const checking = trace.during('services', async () => services.check(plan.services, files.edits, state.root, domain));
  const [linked, changed, prepared, checked] = await Promise.allSettled([made, changing, preparing, checking]);
  if (linked.status === 'rejected') throw linked.reason;
  if (changed.status === 'rejected') throw changed.reason;
  if (prepared.status === 'rejected') throw prepared.reason;
  if (checked.status === 'rejected') throw checked.reason;
  return prepared.value;
}

/**
 * The end of a namespace. It goes in one step, and its links with it: the step that cannot be taken back. That its links are deleted
 * at once and not some time later is for those who make links of the same names next.
 */
async function remove(run: Run): Promise<void> {
  const { plan, place, undo } = run;
  const { domain, kernel, session } = place;
  if (plan.removesTableNames) undo.push(await new TableNamesFile(domain.namespace).write(''));
  undo.push(servicesBefore(run));
  // A process in the namespace would keep it alive, and its links. It is known by its files, so it ends before they do.
  await place.trace.during('services', () => place.services.stop(plan.services, place.state.root, domain));
  const commit = await place.trace.during('state', () => place.state.commit(place.domain.id, editsOf(run)));
  undo.push(() => commit.undo());
  passNoReturn(place);
  await place.trace.during('kernel', async () => {
    if (!kernel.isNamespace(domain.namespace)) return removePairs(run);
    await kernel.deleteNamespace(domain.namespace);
    domain.present = false;
    place.session = undefined;
    await removePairsOf(run, session);
    // Closing waits for the kernel to let go of the ruleset; the answer need not.
    void session?.close().catch(() => undefined);
  });
  for (const change of plan.changes) applyChange(domain, change);
  await place.trace.during('state', () => settle(commit, place));
}

/** All edits of a plan's changes, which may have been applied already. */
function editsOf({ plan, place }: Run): FileEdit[] {
  const { domain, state } = place;
  return allEdits(domain, plan, state.root);
}

/** Puts the services back as they were, once the files are. */
function servicesBefore({ plan, place }: Run): () => Promise<void> {
  return place.services.restorer(plan.services, place.state.root, place.domain);
}

/** The pairs of a namespace that is deleted: when that fails, they go with the namespace as soon as it is let go of. */
async function removePairsOf(run: Run, session: Session | undefined): Promise<void> {
  try {
    await removePairs(run, session?.descriptor);
  } catch {
    await session?.close();
    for (let attempt = 1; ; attempt++) {
      try {
        await removePairs(run);
        return;
      } catch (error) {
        if (attempt === vanishing.tries) throw error;
        await delay(vanishing.pause);
      }
    }
  }
}

/** How long a command waits for the deletion of state that is out of sight already, in milliseconds. 100,000 files take seconds. */
const settling = 20;

/** Trees that were moved out of sight and cannot be deleted do no harm. Small ones go at once, large ones while other commands run. */
async function settle(commit: Awaited<ReturnType<State['commit']>>, { report }: Place): Promise<void> {
  void commit.flush().catch((error: unknown) => report(`what guests are told is not on disk yet: ${words(error)}`));
  const deleted = commit.tidy().catch((error: unknown) => report(`old state could not be deleted: ${words(error)}`));
  await new Promise<void>((resolve) => {
    const enough = setTimeout(resolve, settling).unref();
    void deleted.then(() => {
      clearTimeout(enough);
      resolve();
    });
  });
}

/** @returns whether it was made now: nothing is in it, and all of it goes if it is taken back */
async function ensureNamespace({ place, undo }: Run): Promise<boolean> {
  const { domain, kernel } = place;
  if (place.session !== undefined) return false;
  const opened = (session: Session | undefined) => {
    place.session = session;
    domain.present = session !== undefined;
  };
  const isMissing = !kernel.isNamespace(domain.namespace);
  if (isMissing) {
    await createNamespace(kernel, domain.namespace);
    undo.push(() => kernel.deleteNamespace(domain.namespace));
  }
  const session = await Session.open(domain.namespace, kernel);
  opened(session);
  undo.push(async () => {
    opened(undefined);
    await session.close();
  });
  return isMissing;
}

/** A reboot or crash can leave a plain file where the namespace was mounted. */
async function createNamespace(kernel: Kernel, namespace: string): Promise<void> {
  try {
    await kernel.createNamespace(namespace);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
    await kernel.deleteNamespace(namespace);
    await kernel.createNamespace(namespace);
  }
}

/** Whether a plan wants anything to be there. */
function wantsLinks({ links: { bridges, pairs, addresses, hostRoutes, defaultRoute } }: Plan): boolean {
  return bridges.length + pairs.length + addresses.length + hostRoutes.length > 0 || defaultRoute !== undefined;
}

function roundOf({ plan, place }: Run, { descriptor, namespace }: Session, observed: Observed): Round {
  const { hostDescriptor } = place;
  return { links: plan.links, observed, namespaceDescriptor: descriptor, hostDescriptor, namespace };
}

/**
 * Round by round towards what the plan wants present.
 *
 * @param made gets the names of links that are made on the host, also of those that then cannot be
 */
async function converge(
  run: Run,
  session: Session,
  first: { readonly seen: Observed; readonly next: NextSteps },
  made: string[],
): Promise<void> {
  const { place, plan, undo } = run;
  const { links } = plan;
  let { seen, next } = first;
  for (let round = 1; ; round++) {
    const { steps, last } = next;
    if (last && links.ipv6Links.length > 0)
      undo.push(await enableIpv6(place.kernel, session.namespace, links.ipv6Links));
    const asked = last ? [] : [...new Set(steps.flatMap(({ makes, changes }) => makes ?? changes ?? []))];
    made.push(...steps.flatMap(({ makes }) => makes ?? []));
    const { tolerated, links: found } = await perform(steps, run, asked);
    if (last) return;
    if (round === mostRounds) {
      const what = `the links of namespace ${session.namespace} did not become what they should be in ${mostRounds} rounds`;
      throw new Error(tolerated === undefined ? what : `${tolerated.message}; ${what}`, { cause: tolerated });
    }
    seen =
      (found && observedAfter(links, seen, { asked, found })) ??
      (await observe(links, place.kernel, place.host, session.route));
    next = nextSteps(roundOf(run, session, seen));
  }
}

/** Steps that were carried out. */
interface Performed {
  /** The first failure that was tolerated. */
  readonly tolerated: KernelError | undefined;
  /** Links on the host after them; undefined when nothing was done there. */
  readonly links: Attempt['links'];
}

/**
 * Sends steps and remembers how to take back those that were done. Those on the host and those inside do not depend on each other: each wait for an
 * answer costs more than the answer.
 *
 * @param names of links on the host that are to be looked at afterwards
 */
async function perform(steps: readonly Step[], run: Run, names: readonly string[] = []): Promise<Performed> {
  const [host, inside] = await allOf([performIn('host', steps, run, names), performIn('inside', steps, run, [])]);
  return { tolerated: host?.tolerated ?? inside?.tolerated, links: host?.links };
}

async function performIn(
  where: Step['where'],
  steps: readonly Step[],
  run: Run,
  names: readonly string[],
): Promise<Performed | undefined> {
  const { place, undo } = run;
  const own = steps.filter((step) => step.where === where);
  const socket = socketOf(where, place);
  if (own.length === 0 || socket === undefined) return undefined;
  let attempt: Attempt;
  try {
    attempt = await socket.attemptThenLook(RouteTransaction.of(own.map((step) => step.operation)), names);
  } catch (error) {
    // Any of them may have been done.
    for (const step of own) undo.push(() => takeBack(step, run, 'perhaps'));
    throw error;
  }
  const failed = new Map(attempt.failures.map((failure) => [failure.index, failure]));
  let tolerated: KernelError | undefined;
  let first: KernelError | undefined;
  for (const [index, step] of own.entries()) {
    const failure = failed.get(index);
    if (failure === undefined) undo.push(() => takeBack(step, run, 'done'));
    else if (step.tolerate?.includes(failure.code) === true) tolerated ??= failure;
    else first ??= failure;
  }
  if (first !== undefined) throw explain(first);
  return { tolerated, links: attempt.links };
}

function socketOf(where: Step['where'], { host, session }: Place): RouteAccess | undefined {
  return where === 'host' ? host : session?.route;
}

/** Takes a step back that was done, or perhaps was. */
async function takeBack(step: Step, { place, use }: Run, was: 'done' | 'perhaps'): Promise<void> {
  const { undo: operations = [], undoWhere = step.where, shared } = step;
  if (operations.length === 0 || (shared !== undefined && use.isShared(shared))) return;
  const failures = await socketOf(undoWhere, place)?.attempt(RouteTransaction.of(operations));
  const isAsBefore = ({ verb, code }: KernelError) =>
    verb === 'add' ? code === 'EEXIST' : (verb === 'delete' || was === 'perhaps') && gone.includes(code);
  const failure = failures?.find((one) => !isAsBefore(one));
  if (failure !== undefined) throw failure;
}

/** The kernel's words for a missing 802.1Q module tell an operator nothing. */
function explain(error: KernelError): Error {
  if (error.errno === constants.errno.EOPNOTSUPP && error.subject.endsWith('(vlan)')) {
    return new CommandError(
      `${error.message}: this kernel has no 802.1Q VLAN support; expected the module 8021q, or the link made beforehand`,
    );
  }
  return error;
}

async function changeRules({ plan, place, undo }: Run): Promise<void> {
  const { domain, session } = place;
  const { changes } = plan;
  if (session === undefined) {
    for (const change of changes) applyChange(domain, change);
    undo.push(async () => {
      revertChanges(domain, changes);
    });
    return;
  }
  if (changes.length === 0 && (await session.isTableKnown())) return;
  undo.push(await session.change(domain, changes, place.trace));
}

const hasIpv6 = ({ network }: Domain) => [...network.values()].some(speaksIpv6);

async function endConnections(plan: Plan, { domain, session, filteredEnd }: Place): Promise<void> {
  if (session === undefined || (plan.endConnections.length === 0 && !plan.endsRefusedConnections)) return;
  if ((await session.netfilter.connectionCount()) === 0) return;
  if (plan.endConnections.length > 0) {
    const inKernel = await filteredEnd();
    for (const filter of plan.endConnections) await session.netfilter.endConnections(filter, inKernel);
  }
  if (plan.endsRefusedConnections) {
    const families = hasIpv6(domain) ? (['inet', 'inet6'] as const) : (['inet'] as const);
    await session.netfilter.endConnectionsWhere(refusedConnections(domain), families);
  }
}

async function removePairs(run: Run, descriptor = run.place.session?.descriptor): Promise<void> {
  const { plan, place } = run;
  const names = plan.links.removedPairs;
  if (names.length === 0) return;
  const ends = () => removableEnds(names, place.kernel, place.host, descriptor);
  try {
    await place.linkRemoval.remove(await ends());
  } catch (error) {
    // The answer was lost: what matters is whether they are gone.
    if (!(error instanceof UnknownOutcomeError) || (await ends()).length > 0) throw error;
  }
}
