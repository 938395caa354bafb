/** The daemon's request handler: one call in, its result out. */

import { basename } from 'node:path';
import { planCommand } from '../commands/index.js';
import { domainIdOf } from '../commands/place.js';
import type { Plan } from '../commands/plan.js';
import { planTogether } from '../commands/plan-together.js';
import type { Command, Request, Target } from '../contract/command.js';
import type { Hook } from '../contract/custom-action.js';
import { decode } from '../contract/decode.js';
import type { Invocation } from '../contract/invocation.js';
import type { DomainId } from '../model/domain.js';
import type { ServiceHealth } from '../services/supervisor.js';
import { extensionNames, stateRoot } from '../state/layout.js';
import { StateDirectory } from '../state/state-directory.js';
import { forgetPassword } from '../state/user-data-edits.js';
import { Announcer } from './announcer.js';
import { probeCapabilities } from './capabilities.js';
import { Domains } from './domains.js';
import { execute, IncompleteUndoError, type Place, type State } from './execute.js';
import { GuestPrograms, type Owner } from './guest-programs.js';
import { runHook } from './hook.js';
import { type Kernel, thisKernel } from './kernel.js';
import { previewPlan } from './preview.js';
import { KeyedQueue, type Outcome } from './queue.js';
import { Serving } from './serving.js';

/** How a call ended. */
export interface CallResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What it was about, for the log. */
  readonly subject?: string;
  /** Further lines for the log. */
  readonly notes?: readonly string[];
}

/** Where the handler works; everything has the host's own place as default. */
export interface HandlerOptions {
  /** State root of an extension. */
  readonly stateRoot?: (extension: string) => string;
  /** The extensions that have one. */
  readonly extensions?: () => readonly string[];
  /** The state directory at a root. */
  readonly openState?: (root: string) => State;
  readonly kernel?: Kernel;
  /** Told about what goes wrong outside of a call. */
  readonly report?: (line: string) => void;
}

/** A command that waits for its turn. */
interface Call {
  readonly extension: string;
  readonly id: DomainId;
  readonly command: Command;
}

/** What was carried out for a command. */
interface Done {
  readonly stdout: string;
  /** Its own part. */
  readonly plan: Plan;
}

/** A handler with its open sockets. */
export interface OpenHandler {
  (invocation: Invocation): Promise<CallResult>;
  /** Takes over the services on this host and looks after them from now on; for a daemon. */
  superviseServices(): Promise<void>;
  services(): ServiceHealth[];
  /** From now on guests are told what they ask: those of the networks there are, soon, and of each that a call is about. */
  serve(): void;
  /** Networks whose guests are told something. */
  servedNetworks(): number;
  close(): Promise<void>;
}

/** Opens the kernel on this host and returns what carries out calls. */
export async function createHandler(options: HandlerOptions = {}): Promise<OpenHandler> {
  const report = options.report ?? (() => undefined);
  const rootOf = options.stateRoot ?? stateRoot;
  const kernel = options.kernel ?? thisKernel;
  const openState = options.openState ?? ((root) => openSwept(root, kernel, report));
  const host = await kernel.openRoute();
  const filteredEnd = async () => (await probeCapabilities()).connectionFilter;
  const states = new Map<string, State>();
  const locked = async <Value>(extension: string, id: DomainId, task: () => Promise<Value>): Promise<Value> => {
    const lock = await stateOf(extension).lock(id);
    try {
      return await task();
    } finally {
      lock.release();
    }
  };
  const queue = new KeyedQueue<Call, Done>((calls) => {
    const [{ extension, id }] = calls;
    return locked(extension, id, () => carryOutAll(calls));
  });
  const exclusively = async ({ root, domain }: Owner, task: () => Promise<void>) => {
    const extension = basename(root);
    await queue.run(queueKey(extension, domain), () => locked(extension, domain, task));
  };
  const services = new GuestPrograms({ kernel, exclusively, report });
  const domains = new Domains({ kernel, host, services, filteredEnd, report });
  const announcer = new Announcer(kernel, report);
  const stateOf = (extension: string): State => {
    let state = states.get(extension);
    if (state === undefined) {
      state = openState(rootOf(extension));
      states.set(extension, state);
    }
    return state;
  };

  const queueKey = (extension: string, id: DomainId) => `${extension} ${id.kind} ${id.id}`;
  const serving = new Serving({
    kernel,
    report,
    rootOf,
    extensions: options.extensions ?? extensionNames,
    inTurn: (extension, id, task) => queue.run(queueKey(extension, id), task),
    forget: ({ extension, id }, networkId, guestIp) =>
      locked(extension, id, async () => {
        const commit = await stateOf(extension).commit(forgetPassword(networkId, guestIp));
        await commit.settle();
      }),
  });

  const carryOut = async (plan: Plan, place: Place, extension: string): Promise<string> => {
    // A namespace goes only with the last socket in it.
    if (plan.namespace === 'remove') serving.end(extension, place.domain.id);
    try {
      return await execute(plan, place);
    } catch (error) {
      if (error instanceof IncompleteUndoError) domains.forget(place.state, place.domain.id);
      throw error;
    } finally {
      await serving.follow(extension, place);
    }
  };

  const carryOutAll = async (calls: readonly Call[]): Promise<Outcome<Done>[]> => {
    const outcomes: Outcome<Done>[] = [];
    for (let next = calls[0]; next !== undefined; next = calls[outcomes.length]) {
      const { namespace } = next.command.target;
      const left = calls.slice(outcomes.length);
      const other = left.findIndex((call) => call.command.target.namespace !== namespace);
      const neighbours = other === -1 ? left : left.slice(0, other);
      try {
        const place = await domains.find(stateOf(next.extension), next.id, namespace);
        outcomes.push(...(await carryOutFirst(neighbours, place, next.extension)));
      } catch (error) {
        outcomes.push(...neighbours.map(() => ({ error })));
      }
    }
    return outcomes;
  };

  /** As many of the calls as can be one transaction. When that fails, whose fault it is shows in smaller parts. */
  const carryOutFirst = async (calls: readonly Call[], place: Place, extension: string): Promise<Outcome<Done>[]> => {
    const { domain, state } = place;
    const { plan, planned } = planTogether(
      calls.map(({ command }) => command),
      domain,
    );
    if (plan === undefined) return planned.filter((one) => 'error' in one);
    try {
      const stdout = await carryOut(plan, place, extension);
      domains.remember(place);
      const { session } = place;
      if (session !== undefined) announcer.announce(session.namespace, session.route, plan.announcements);
      if (domain.network.size === 0 && session === undefined) domains.forget(state, domain.id);
      return planned.map((one) => ('plan' in one ? { result: { stdout, plan: one.plan } } : one));
    } catch (error) {
      if (planned.filter((one) => 'plan' in one).length === 1) {
        return planned.map((one) => ('plan' in one ? { error } : one));
      }
      const half = Math.ceil(planned.length / 2);
      const first = await carryOutAll(calls.slice(0, half));
      return [...first, ...(await carryOutAll(calls.slice(half, planned.length)))];
    }
  };

  const preview = async (
    command: Command,
    state: State,
    id: DomainId,
    warnings: readonly string[],
  ): Promise<CallResult> => {
    const place = await domains.look(state, id, command.target.namespace);
    try {
      const stdout = await previewPlan(command, planCommand(command, place.domain), place);
      return { exitCode: 0, stdout, stderr: '', subject: subjectOf(command.target), notes: ['dry run', ...warnings] };
    } finally {
      await place.session?.close();
    }
  };

  const run = async ({ extension, command, isDryRun, warnings }: Request): Promise<CallResult> => {
    const { target } = command;
    const id = domainIdOf(target);
    const state = stateOf(extension);
    if (isDryRun) return preview(command, state, id, warnings);
    const { stdout, plan } = await queue.join(queueKey(extension, id), { extension, id, command });
    const notes = [...warnings, ...plan.notes];
    const result = { exitCode: 0, stdout, stderr: '', subject: subjectOf(target), notes };
    return plan.hook === undefined ? result : withHook(plan.hook, state.root, target, result);
  };

  const handler = async (invocation: Invocation): Promise<CallResult> => run(await decode(invocation));
  return Object.assign(handler, {
    superviseServices: () => services.begin((options.extensions ?? extensionNames)().map(rootOf)),
    services: () => services.health,
    serve: () => serving.start(),
    servedNetworks: () => serving.networks,
    close: async () => {
      services.close();
      await serving.close();
      await domains.close();
      await host.close();
    },
  });
}

/** The operator's own program, outside of the queue and the lock: it may give us commands about the same network. */
async function withHook(hook: Hook, root: string, { networkId = '' }: Target, result: CallResult): Promise<CallResult> {
  const { exitCode, output, problem } = await runHook(root, networkId, hook);
  const stderr = problem === undefined ? '' : `cloudstack-netns: custom-action: ${hook.name}: ${problem}\n`;
  return { ...result, exitCode, stdout: output, stderr };
}

/** What a command is about, for the log. */
function subjectOf({ networkId, vpcId }: Target): string {
  const parts = [
    ...(networkId === undefined ? [] : [`network=${networkId}`]),
    ...(vpcId === undefined ? [] : [`vpc=${vpcId}`]),
  ];
  return parts.join(' ');
}

/** The state directory at a root; what a process that died has left of removed trees there goes while other things are done. */
function openSwept(root: string, kernel: Kernel, report: (line: string) => void): StateDirectory {
  const state = new StateDirectory({ root, tryLock: kernel.tryLock });
  state.sweep().catch((error: unknown) => report(`${root}: old state could not be deleted: ${String(error)}`));
  return state;
}
