/** Decoded calls about one domain, carried out together: in as few transactions as they can be, each with its own outcome. */

import { domainIdOf } from '../commands/place.js';
import type { Plan } from '../commands/plan.js';
import { planTogether, type Together } from '../commands/plan-together.js';
import type { Command, Request } from '../contract/command.js';
import type { DomainId } from '../model/domain.js';
import { Trace } from '../trace/trace.js';
import type { Announcer } from './announcer.js';
import type { ActionAnswer } from './answer.js';
import type { Domains } from './domains.js';
import { execute, IncompleteUndoError, type Place, type State } from './execute.js';
import type { Outcome } from './queue.js';
import type { Serving } from './serving.js';
import { TimeLimit } from './time-limit.js';

/** A command that waits for its turn. */
export interface Call {
  readonly extension: string;
  readonly id: DomainId;
  readonly command: Command;
  readonly trace: Trace;
  /** When it began to wait, in milliseconds of performance.now(). */
  readonly since: number;
  readonly limit: TimeLimit;
}

/** A call that begins to wait now. */
export function callOf({ extension, command, timeout }: Request, trace: Trace): Call {
  const limit = new TimeLimit(command.name, timeout);
  return { extension, id: domainIdOf(command.target), command, trace, since: performance.now(), limit };
}

/** What was carried out for a command. */
export interface Done {
  /** What a custom action answers. */
  readonly answer: ActionAnswer | undefined;
  /** Its own part. */
  readonly plan: Plan;
}

export interface CallsOptions {
  readonly domains: Domains;
  readonly announcer: Announcer;
  readonly serving: Serving;
  readonly stateOf: (extension: string) => State;
}

/** To be used under the lock of the domain that the calls are about. */
export class Calls {
  readonly #options: CallsOptions;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Carries out all calls, one after the other as far as anyone can tell. */
  async carryOut(calls: readonly Call[]): Promise<Outcome<Done>[]> {
    endWaiting(calls);
    const outcomes: Outcome<Done>[] = [];
    for (let next = calls[0]; next !== undefined; next = calls[outcomes.length]) {
      if (next.limit.isOver) {
        outcomes.push({ error: next.limit.error });
        continue;
      }
      const neighbours = sameNamespace(calls.slice(outcomes.length));
      try {
        outcomes.push(...(await this.#carryOutFirst(neighbours, next.extension, await this.#placeOf(next))));
      } catch (error) {
        outcomes.push(...neighbours.map(() => ({ error })));
      }
    }
    return outcomes;
  }

  /**
   * Carries out all calls in one transaction. If one of them fails, or cannot be part of one, none is carried out.
   *
   * @param calls at least one, about the same namespace
   * @param nameOf what a call is called in the words for the others
   */
  async carryOutAllOrNone(
    calls: readonly [Call, ...Call[]],
    nameOf: (index: number) => string,
  ): Promise<Outcome<Done>[]> {
    const [{ extension }] = calls;
    endWaiting(calls);
    const place = await this.#placeOf(calls[0]);
    const { plan, planned } = plannedFor(calls, place);
    const refused = planned.findIndex((one) => 'error' in one);
    const first = refused === -1 ? planned.length : refused;
    if (first < calls.length || plan === undefined) {
      return calls.map((_, index) => {
        const own = planned[index];
        if (own !== undefined && 'error' in own) return own;
        const what =
          index === first
            ? 'it cannot be in one transaction with those before it; expected it in a batch of its own'
            : `nothing was changed, because of ${nameOf(first)}`;
        return { error: new Error(what) };
      });
    }
    const answer = await this.#execute(plan, extension, place);
    share(place.trace, calls);
    return planned.flatMap((one) => ('plan' in one ? [{ result: { answer, plan: one.plan } }] : []));
  }

  /** The place of a call, with a trace of its own. */
  async #placeOf({ extension, id, command }: Call): Promise<Place> {
    const { domains, stateOf } = this.#options;
    const trace = new Trace();
    const place = await trace.during('state', () => domains.find(stateOf(extension), id, command.target.namespace));
    place.trace = trace;
    return place;
  }

  /** As many of the calls as can be one transaction. When that fails, whose fault it is shows in smaller parts. */
  async #carryOutFirst(calls: readonly Call[], extension: string, place: Place): Promise<Outcome<Done>[]> {
    const { plan, planned } = plannedFor(calls, place);
    if (plan === undefined) return planned.filter((one) => 'error' in one);
    const limits = calls.slice(0, planned.length).map(({ limit }) => limit);
    for (const limit of limits) limit.begin();
    place.limits = limits;
    try {
      const answer = await this.#execute(plan, extension, place);
      share(place.trace, calls.slice(0, planned.length));
      return planned.map((one) => ('plan' in one ? { result: { answer, plan: one.plan } } : one));
    } catch (error) {
      if (planned.filter((one) => 'plan' in one).length === 1) {
        return planned.map((one) => ('plan' in one ? { error } : one));
      }
      const half = Math.ceil(planned.length / 2);
      const first = await this.carryOut(calls.slice(0, half));
      return [...first, ...(await this.carryOut(calls.slice(half, planned.length)))];
    } finally {
      place.limits = [];
    }
  }

  async #execute(plan: Plan, extension: string, place: Place): Promise<ActionAnswer | undefined> {
    const { domains, announcer, serving } = this.#options;
    const { domain, state } = place;
    // A namespace goes only with the last socket in it.
    if (plan.namespace === 'remove') serving.end(extension, domain.id);
    let answer: ActionAnswer | undefined;
    try {
      answer = await execute(plan, place);
    } catch (error) {
      if (error instanceof IncompleteUndoError) domains.forget(state, domain.id);
      throw error;
    } finally {
      await place.trace.during('services', () => serving.follow(extension, place));
    }
    domains.remember(place);
    const { session } = place;
    if (session !== undefined) announcer.announce(session.namespace, session.route, plan.announcements);
    if (domain.network.size === 0 && session === undefined) domains.forget(state, domain.id);
    return answer;
  }
}

function plannedFor(calls: readonly Call[], { domain, trace }: Place): Together {
  return trace.at('plan', () =>
    planTogether(
      calls.map(({ command }) => command),
      domain,
    ),
  );
}

/** Notes how long they waited; once, however often they are tried. */
function endWaiting(calls: readonly Call[]): void {
  const now = performance.now();
  for (const { trace, since } of calls) if (trace.own('queue') === undefined) trace.add('queue', now - since);
}

/** What was done for all of them counts for each. */
function share(common: Trace, calls: readonly Call[]): void {
  const transaction = { trace: common, calls: calls.length };
  for (const { trace } of calls) trace.transaction = transaction;
}

/** The calls from the first on that are about its namespace and are still waited for. */
function sameNamespace(calls: readonly Call[]): readonly Call[] {
  const namespace = calls[0]?.command.target.namespace;
  const other = calls.findIndex(({ command, limit }) => limit.isOver || command.target.namespace !== namespace);
  return other === -1 ? calls : calls.slice(0, other);
}
