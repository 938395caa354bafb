/** The daemon's request handler: one call in, its result out. */

import { planCommand } from '../commands/index.js';
import { domainIdOf } from '../commands/place.js';
import type { Request } from '../contract/command.js';
import { decode } from '../contract/decode.js';
import type { Invocation } from '../contract/invocation.js';
import { native } from '../kernel/native.js';
import { RouteSocket } from '../kernel/route-socket.js';
import { stateRoot } from '../state/layout.js';
import { StateDirectory } from '../state/state-directory.js';
import { Announcer } from './announcer.js';
import { probeCapabilities } from './capabilities.js';
import { Domains } from './domains.js';
import { execute } from './execute.js';
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
  const host = await RouteSocket.open();
  const filteredEnd = async () => (await probeCapabilities()).connectionFilter;
  const domains = new Domains(host, filteredEnd, report);
  const announcer = new Announcer(report);
  const queue = new KeyedQueue();
  const states = new Map<string, StateDirectory>();
  const stateOf = (extension: string): StateDirectory => {
    let state = states.get(extension);
    if (state === undefined) {
      state = new StateDirectory({ root: rootOf(extension), tryLock: native.tryLock });
      states.set(extension, state);
    }
    return state;
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
        await execute(plan, place);
        await announce(plan.announcements, place, announcer);
        if (place.domain.network.size === 0 && place.session === undefined) domains.forget(state, id);
        return {
          exitCode: 0,
          stdout: '',
          stderr: '',
          subject: `network=${target.networkId}${target.vpcId === undefined ? '' : ` vpc=${target.vpcId}`}`,
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

async function announce(
  announcements: readonly { readonly link: string; readonly address: string }[],
  place: Awaited<ReturnType<Domains['find']>>,
  announcer: Announcer,
): Promise<void> {
  const { session } = place;
  if (session === undefined || announcements.length === 0) return;
  const links = await Promise.all(
    announcements.map(async ({ link, address }) => {
      const found = await session.route.link(link);
      return found === undefined ? [] : [{ interface: found.index, address }];
    }),
  );
  announcer.announce(session.namespace, links.flat());
}
