/** A batch of calls of which all that are about one namespace are carried out, or none of them. */

import { CommandError } from '../commands/command-error.js';
import type { Request } from '../contract/command.js';
import { decode } from '../contract/decode.js';
import type { Invocation } from '../contract/invocation.js';
import { Trace } from '../trace/trace.js';
import { type Call, callOf, type Done } from './calls.js';
import type { Outcome } from './queue.js';

/** Carries out calls about one namespace in one transaction, or none of them. @param nameOf see Calls.carryOutAllOrNone */
export type CarryOutAllOrNone = (
  calls: readonly [Call, ...Call[]],
  nameOf: (index: number) => string,
) => Promise<readonly Outcome<Done>[]>;

interface Placed {
  readonly request: Request;
  readonly index: number;
  readonly trace: Trace;
}

/**
 * Carries out a batch, namespaces side by side. When a call cannot be read nothing is done: nobody knows which namespace it is about.
 *
 * @param nameOf what an invocation is called in the words for the others
 */
export async function allOrNone<Result>(
  invocations: readonly Invocation[],
  nameOf: (index: number) => string,
  carryOut: CarryOutAllOrNone,
  resultOf: (request: Request, done: Done, trace: Trace) => Result | Promise<Result>,
): Promise<readonly Outcome<Result>[]> {
  const outcomes: Outcome<Result>[] = [];
  const byNamespace = new Map<string, Placed[]>();
  let unreadable: number | undefined;
  for (const [index, invocation] of invocations.entries()) {
    try {
      const trace = new Trace();
      const request = trace.at('parse', () => decodeForBatch(invocation));
      const key = `${request.extension} ${request.command.target.namespace}`;
      const placed = byNamespace.get(key);
      if (placed === undefined) byNamespace.set(key, [{ request, index, trace }]);
      else placed.push({ request, index, trace });
    } catch (error) {
      outcomes[index] = { error };
      unreadable ??= index;
    }
  }
  if (unreadable !== undefined) {
    const error = new Error(`nothing was changed, because of ${nameOf(unreadable)}`);
    return invocations.map((_, index) => outcomes[index] ?? { error });
  }
  const ofNamespace = async (placed: readonly Placed[]) => {
    const [first, ...others] = placed.map(({ request, trace }) => callOf(request, trace));
    if (first === undefined) return;
    const done = await carryOut([first, ...others], (index) => nameOf(placed[index]?.index ?? index)).catch(
      (error: unknown) => placed.map(() => ({ error })),
    );
    for (const [own, { request, index, trace }] of placed.entries()) {
      const outcome = done[own] ?? { error: new Error('no outcome') };
      outcomes[index] = 'error' in outcome ? outcome : { result: await resultOf(request, outcome.result, trace) };
    }
  };
  await Promise.all([...byNamespace.values()].map(ofNamespace));
  return outcomes;
}

function decodeForBatch(invocation: Invocation): Request {
  const request = decode(invocation);
  if (!request.isDryRun) return request;
  throw new CommandError(`${request.command.name}: --dry-run cannot be part of a batch that is all or nothing`);
}
