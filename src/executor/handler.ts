/** The daemon's request handler: one call in, its result out. */

import { planCommand } from '../commands/index.js';
import { domainIdOf } from '../commands/place.js';
import type { Plan } from '../commands/plan.js';
import type { Request, Target } from '../contract/command.js';
import { decode } from '../contract/decode.js';
import type { Invocation } from '../contract/invocation.js';
import { stateRoot } from '../state/layout.js';
import { StateDirectory } from '../state/state-directory.js';
import { Announcer } from './announcer.js';
import { probeCapabilities } from './capabilities.js';
import { Domains } from './domains.js';
import { execute, IncompleteUndoError, type Place, type State } from './execute.js';
import { type Kernel, thisKernel } from './kernel.js';
import { KeyedQueue } from './queue.js';

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
  /** The state directory at a root. */
  readonly openState?: (root: string) => State;
  readonly kernel?: Kernel;
  /** Told about what goes wrong outside of a call. */
  readonly report?: (line: string) => void;
}

/** A handler with its open sockets. */
export interface OpenHandler {
  (invocation: Invocation): Promise<CallResult>;
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
  const domains = new Domains({ kernel, host, filteredEnd, report });
  const announcer = new Announcer(kernel, report);
  const queue = new KeyedQueue();
  const states = new Map<string, State>();
  const stateOf = (extension: string): State => {
    let state = states.get(extension);
    if (state === undefined) {
      state = openState(rootOf(extension));
      states.set(extension, state);
    }
    return state;
  };

  const carryOut = async (plan: Plan, place: Place): Promise<void> => {
    try {
      await execute(plan, place);
    } catch (error) {
      if (error instanceof IncompleteUndoError) domains.forget(place.state, place.domain.id);
      throw error;
    }
  };

  const run = async ({ extension, command, warnings }: Request): Promise<CallResult> => {
    const { target } = command;
    const id = domainIdOf(target);
    const state = stateOf(extension);
    return queue.run(`${extension} ${id.kind} ${id.id}`, async () => {
      const lock = await state.lock(id);
      try {
        const place = await domains.find(state, id, target.namespace);
        const plan = planCommand(command, place.domain);
        await carryOut(plan, place);
        const { session } = place;
        if (session !== undefined) announcer.announce(session.namespace, session.route, plan.announcements);
        if (place.domain.network.size === 0 && place.session === undefined) domains.forget(state, id);
        return {
          exitCode: 0,
          stdout: '',
          stderr: '',
          subject: subjectOf(target),
          notes: [...warnings, ...plan.notes],
        };
      } finally {
        lock.release();
      }
    });
  };

  const handler = async (invocation: Invocation): Promise<CallResult> => run(await decode(invocation));
  return Object.assign(handler, {
    close: async () => {
      await domains.close();
      await host.close();
    },
  });
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
