/** Carries out a plan on a domain: all of it, or nothing. */

import { constants } from 'node:os';
import { CommandError } from '../commands/command-error.js';
import type { Links, Plan } from '../commands/plan.js';
import type { KernelError } from '../kernel/errors.js';
import { native } from '../kernel/native.js';
import { RouteTransaction } from '../kernel/route/transaction.js';
import type { RouteSocket } from '../kernel/route-socket.js';
import { applyChange, invert } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { changeEdits } from '../state/change-edits.js';
import type { StateDirectory } from '../state/state-directory.js';
import { deletePairs, nextSteps, removalSteps, type Step } from './converge.js';
import { observe } from './observed.js';
import { Session } from './session.js';
import { UndoStack } from './undo.js';

/** What a plan is carried out on. */
export interface Place {
  readonly domain: Domain;
  readonly state: StateDirectory;
  /** rtnetlink on the host. */
  readonly host: RouteSocket;
  /** The namespace, while it is open. */
  session: Session | undefined;
  /** Whether connections can be ended by a filter in the kernel. */
  readonly filteredEnd: () => Promise<boolean>;
  /** A link group nobody else uses, for deleting several links at once. */
  readonly nextGroup: () => number;
}

/** More rounds than the deepest chain of links needs: bridge, pair, stray end, inside. */
const mostRounds = 8;

/** Sysctls of every namespace of ours. An address must not take others of its range with it when it goes (promote_secondaries). */
const namespaceSysctls = [
  { name: 'net/ipv4/ip_forward', value: '1' },
  { name: 'net/ipv4/conf/all/promote_secondaries', value: '1' },
  { name: 'net/ipv6/conf/all/disable_ipv6', value: '1' },
  { name: 'net/ipv6/conf/default/disable_ipv6', value: '1' },
];

/** @throws CommandError, KernelError, … after everything done so far was taken back. */
export async function execute(plan: Plan, place: Place): Promise<void> {
  const undo = new UndoStack();
  try {
    if (plan.namespace === 'remove') await remove(plan, place, undo);
    else await build(plan, place, undo);
  } catch (error) {
    const left = await undo.run();
    throw left.length === 0 ? error : incomplete(error, left);
  }
}

function incomplete(error: unknown, left: readonly unknown[]): Error {
  const words = (one: unknown) => (one instanceof Error ? one.message : String(one));
  return new Error(
    `${words(error)}; and ${left.length} steps could not be taken back, first: ${words(left[0])}; repeat the command`,
  );
}

async function build(plan: Plan, place: Place, undo: UndoStack): Promise<void> {
  const { domain } = place;
  if (plan.namespace === 'ensure') await ensureNamespace(place, undo);
  if (place.session !== undefined) await converge(plan.links, place, place.session, undo);
  await changeRules(plan, place, undo);
  if (place.session !== undefined) await endConnections(plan, place);
  const { links } = plan;
  const removes = links.removedAddresses.length > 0 || links.removedHostRoutes.length > 0;
  if (removes) {
    const observed = await observe(links, place.host, place.session?.route);
    await perform(removalSteps(links, observed), place, undo);
  }
  const commit = await place.state.commit(changeEdits(domain, plan.changes));
  undo.push(() => commit.undo());
  await removePairs(links, place, undo);
  await commit.settle();
}

/** The end of a namespace. What cannot be taken back comes last. */
async function remove(plan: Plan, place: Place, undo: UndoStack): Promise<void> {
  const { domain } = place;
  const commit = await place.state.commit(changeEdits(domain, plan.changes));
  undo.push(() => commit.undo());
  await removePairs(plan.links, place, undo);
  if (native.isNamespace(domain.namespace)) await native.deleteNamespace(domain.namespace);
  for (const change of plan.changes) applyChange(domain, change);
  domain.present = false;
  const { session } = place;
  place.session = undefined;
  // Closing waits for the kernel to let go of the ruleset; the answer need not.
  void session?.close().catch(() => undefined);
  await commit.settle();
}

async function ensureNamespace(place: Place, undo: UndoStack): Promise<void> {
  const { domain } = place;
  if (place.session !== undefined) {
    await setSysctls(domain.namespace);
    return;
  }
  if (!native.isNamespace(domain.namespace)) {
    await createNamespace(domain.namespace);
    undo.push(async () => {
      const opened = place.session;
      place.session = undefined;
      domain.present = false;
      await native.deleteNamespace(domain.namespace);
      await opened?.close();
    });
  }
  place.session = await Session.open(domain.namespace);
  domain.present = true;
  await setSysctls(domain.namespace);
}

/** A reboot or crash can leave a plain file where the namespace was mounted. */
async function createNamespace(namespace: string): Promise<void> {
  try {
    await native.createNamespace(namespace);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
    await native.deleteNamespace(namespace);
    await native.createNamespace(namespace);
  }
}

/** Sets what every namespace of ours needs. */
export async function setSysctls(namespace: string): Promise<void> {
  const failures = await native.writeSysctls(namespace, namespaceSysctls);
  for (const { index, code } of failures) {
    const sysctl = namespaceSysctls[index];
    // A kernel without IPv6 has no such files, and nothing to turn off.
    if (code === 'ENOENT' && sysctl?.name.startsWith('net/ipv6/')) continue;
    throw new CommandError(`namespace ${namespace}: sysctl ${sysctl?.name} = ${sysctl?.value}: ${code}`);
  }
}

/** Round by round towards what the plan wants present. */
async function converge(links: Links, place: Place, session: Session, undo: UndoStack): Promise<void> {
  const wanted =
    links.bridges.length + links.pairs.length + links.addresses.length + links.hostRoutes.length > 0 ||
    links.defaultRoute !== undefined;
  if (!wanted) return;
  for (let round = 0; round < mostRounds; round++) {
    const steps = nextSteps({
      links,
      observed: await observe(links, place.host, session.route),
      namespaceDescriptor: session.descriptor,
      namespace: session.namespace,
    });
    if (steps.length === 0) return;
    await perform(steps, place, undo);
  }
  throw new Error(
    `the links of namespace ${session.namespace} did not become what they should be in ${mostRounds} rounds`,
  );
}

/** Sends steps, host first, and remembers how to take back those that were done. */
async function perform(steps: readonly Step[], place: Place, undo: UndoStack): Promise<void> {
  for (const where of ['host', 'inside'] as const) {
    const own = steps.filter((step) => step.where === where);
    const socket = where === 'host' ? place.host : place.session?.route;
    if (own.length === 0 || socket === undefined) continue;
    const failures = await socket.attempt(RouteTransaction.of(own.map((step) => step.operation)));
    const failed = new Map(failures.map((failure) => [failure.index, failure]));
    let first: KernelError | undefined;
    for (const [index, step] of own.entries()) {
      const failure = failed.get(index);
      if (failure !== undefined) {
        if (step.tolerate?.includes(failure.code) !== true) first ??= failure;
        continue;
      }
      const { undo: operation } = step;
      if (operation !== undefined) undo.push(() => socket.run(RouteTransaction.of([operation])));
    }
    if (first !== undefined) throw explain(first);
  }
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

async function changeRules(plan: Plan, place: Place, undo: UndoStack): Promise<void> {
  const { domain, session } = place;
  const { changes } = plan;
  if (session === undefined) {
    for (const change of changes) applyChange(domain, change);
    undo.push(async () => {
      for (const change of invert(changes)) applyChange(domain, change);
    });
    return;
  }
  if (changes.length === 0 && (await session.isTableKnown())) return;
  await session.change(domain, changes);
  undo.push(() => session.change(domain, invert(changes)));
}

async function endConnections(plan: Plan, { session, filteredEnd }: Place): Promise<void> {
  if (session === undefined || plan.endConnections.length === 0) return;
  if ((await session.netfilter.connectionCount()) === 0) return;
  const inKernel = await filteredEnd();
  for (const filter of plan.endConnections) await session.netfilter.endConnections(filter, inKernel);
}

async function removePairs(links: Links, place: Place, undo: UndoStack): Promise<void> {
  if (links.removedPairs.length === 0) return;
  const observed = await observe({ ...links, pairs: [], bridges: [] }, place.host, undefined);
  await perform(deletePairs(links, observed, place.nextGroup()), place, undo);
}
