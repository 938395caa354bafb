/** The daemon's request handler: one call in, its result out. */

import { basename } from 'node:path';
import { planCommand } from '../commands/index.js';
import { CallError, subjectWords } from '../contract/call-error.js';
import type { Request, Target } from '../contract/command.js';
import type { Hook } from '../contract/custom-action.js';
import { decode } from '../contract/decode.js';
import type { Invocation } from '../contract/invocation.js';
import type { DomainId } from '../model/domain.js';
import type { ServiceHealth } from '../services/supervisor.js';
import { extensionNames, stateRoot } from '../state/layout.js';
import { StateDirectory } from '../state/state-directory.js';
import { forgetPassword } from '../state/user-data-edits.js';
import { Trace } from '../trace/trace.js';
import { allOrNone, type CarryOutAllOrNone } from './all-or-none.js';
import { Announcer } from './announcer.js';
import { answerText } from './answer.js';
import { type Call, Calls, callOf, type Done } from './calls.js';
import { probeCapabilities } from './capabilities.js';
import { Domains } from './domains.js';
import type { State } from './execute.js';
import { GuestPrograms, type Owner } from './guest-programs.js';
import { hookTime, runHook } from './hook.js';
import { type Kernel, thisKernel } from './kernel.js';
import { previewPlan } from './preview.js';
import { type Ended, KeyedQueue, type Outcome } from './queue.js';
import { Serving } from './serving.js';

/** How a call ended. */
export interface CallResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What it was about, for the log. */
  readonly subject?: string;
  /** Where the time went; absent when nothing was done. */
  readonly trace?: Trace;
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

/** A handler with its open sockets. */
export interface OpenHandler {
  /** Carries out a call. */
  begin(invocation: Invocation, ended: Ended<CallResult>): void;
  /** Carries out all calls that are about one namespace, or none of them; one outcome for each. */
  together(
    invocations: readonly Invocation[],
    nameOf: (index: number) => string,
  ): Promise<readonly Outcome<CallResult>[]>;
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
  const queue: KeyedQueue<Call, Done> = new KeyedQueue((waiting) => {
    const [{ extension, id }] = waiting;
    return locked(extension, id, () => calls.carryOut(waiting));
  });
  const exclusively = async ({ root, domain }: Owner, task: () => Promise<void>) => {
    const extension = basename(root);
    await queue.run(queueKey(extension, domain), () => locked(extension, domain, task));
  };
  const services = new GuestPrograms({ kernel, exclusively, report });
  const domains = new Domains({ kernel, host, services, filteredEnd, report });
  const stateOf = (extension: string): State => {
    let state = states.get(extension);
    if (state === undefined) {
      state = openState(rootOf(extension));
      states.set(extension, state);
    }
    return state;
  };

  const serving = new Serving({
    kernel,
    report,
    rootOf,
    extensions: options.extensions ?? extensionNames,
    inTurn: (extension, id, task) => queue.run(queueKey(extension, id), task),
    settled: (extension, id, below) => stateOf(extension).settle(id, below),
    forget: ({ extension, id }, networkId, guestIp) =>
      locked(extension, id, async () => {
        const commit = await stateOf(extension).commit(id, forgetPassword(networkId, guestIp));
        await commit.settle();
      }),
  });

  const calls: Calls = new Calls({ domains, announcer: new Announcer(kernel, report), serving, stateOf });

  const preview = async ({ extension, command, warnings }: Request, id: DomainId): Promise<CallResult> => {
    const place = await domains.look(stateOf(extension), id, command.target.namespace);
    try {
      const stdout = await previewPlan(command, planCommand(command, place.domain), place);
      return { exitCode: 0, stdout, stderr: '', subject: subjectOf(command.target), notes: ['dry run', ...warnings] };
    } finally {
      await place.session?.close();
    }
  };

  const resultOf = (
    { extension, command, timeout, warnings }: Request,
    { answer, plan }: Done,
    trace: Trace,
  ): CallResult | Promise<CallResult> => {
    const { target } = command;
    const notes = warnings.length === 0 ? plan.notes : [...warnings, ...plan.notes];
    const stdout = answerText(command, answer);
    const result = { exitCode: 0, stdout, stderr: '', subject: subjectOf(target), trace, notes };
    return plan.hook === undefined ? result : withHook(plan.hook, stateOf(extension).root, target, result, timeout);
  };

  const tell = (request: Request, trace: Trace, outcome: Outcome<Done>, ended: Ended<CallResult>): void => {
    if ('error' in outcome) {
      ended(failed(request, outcome.error));
      return;
    }
    let result: CallResult | Promise<CallResult>;
    try {
      result = resultOf(request, outcome.result, trace);
    } catch (error) {
      ended(failed(request, error));
      return;
    }
    // Only a hook is waited for.
    if (result instanceof Promise) follow(request, result, ended);
    else ended({ result });
  };

  const begin = (invocation: Invocation, ended: Ended<CallResult>): void => {
    const trace = new Trace();
    let request: Request;
    try {
      request = trace.at('parse', () => decode(invocation));
    } catch (error) {
      ended({ error });
      return;
    }
    const { extension, isDryRun } = request;
    const call = callOf(request, trace);
    if (isDryRun) follow(request, preview(request, call.id), ended);
    else {
      const carriedOut: Ended<Done> = (outcome) => tell(request, trace, outcome, ended);
      queue.join(queueKey(extension, call.id), call, call.limit.keep(carriedOut));
    }
  };
  const carryOutAllOrNone: CarryOutAllOrNone = ([first, ...others], nameOf) => {
    const { extension, id } = first;
    const task = () => calls.carryOutAllOrNone([first, ...others], nameOf);
    return queue.run(queueKey(extension, id), () => locked(extension, id, task));
  };
  return {
    begin,
    together: (invocations: readonly Invocation[], nameOf: (index: number) => string) =>
      allOrNone(invocations, nameOf, carryOutAllOrNone, resultOf),
    superviseServices: () => services.begin((options.extensions ?? extensionNames)().map(rootOf)),
    services: () => services.health,
    serve: () => serving.start(),
    servedNetworks: () => serving.networks,
    close: async () => {
      services.close();
      await serving.close();
      await Promise.all([...states.values()].map((state) => state.close()));
      await domains.close();
      await host.close();
    },
  };
}

let lastKey: { readonly extension: string; readonly id: DomainId; readonly key: string } | undefined;

/** What calls about one domain wait by. Those of a batch mostly are about the same. */
function queueKey(extension: string, id: DomainId): string {
  if (lastKey?.id !== id || lastKey.extension !== extension) {
    lastKey = { extension, id, key: `${extension} ${id.kind} ${id.id}` };
  }
  return lastKey.key;
}

/** A request that failed. */
function failed({ command }: Request, error: unknown): Outcome<never> {
  return { error: new CallError(subjectOf(command.target), error) };
}

function follow(request: Request, result: Promise<CallResult>, ended: Ended<CallResult>): void {
  result.then(
    (done) => ended({ result: done }),
    (error: unknown) => ended(failed(request, error)),
  );
}

/** The operator's own program, outside of the queue and the lock: it may give us commands about the same network. */
async function withHook(
  hook: Hook,
  root: string,
  { networkId = '' }: Target,
  result: CallResult,
  timeout = hookTime,
): Promise<CallResult> {
  const { exitCode, output, problem } = await runHook(root, networkId, hook, Math.min(timeout, hookTime));
  const stderr = problem === undefined ? '' : `cloudstack-netns: custom-action: ${hook.name}: ${problem}\n`;
  return { ...result, exitCode, stdout: output, stderr };
}

/** What a command is about, for the log. */
function subjectOf({ networkId, vpcId }: Target): string {
  return subjectWords(networkId, vpcId);
}

/** After this many milliseconds: the first commands come first. */
const sweepDelay = 1_000;

/** The state directory at a root; what a process that died has left of removed trees there goes while other things are done. */
function openSwept(root: string, kernel: Kernel, report: (line: string) => void): StateDirectory {
  const state = new StateDirectory({ root, tryLock: kernel.tryLock, files: kernel, report });
  const sweep = () =>
    state.sweep().catch((error: unknown) => report(`${root}: old state could not be deleted: ${String(error)}`));
  setTimeout(() => void sweep(), sweepDelay).unref();
  return state;
}
