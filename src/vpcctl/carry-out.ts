/** One state of the VPCs is followed by another: in the metadata and in the kernel. */

import { oneLine } from '../daemon/failure.js';
import type { Kernel } from '../executor/kernel.js';
import { converge } from './kernel/converge.js';
import { HostSession } from './kernel/host-session.js';
import { isNothing, remove, removedBetween } from './kernel/remove.js';
import type { Scope } from './kernel/scope.js';
import type { MetadataStore } from './metadata/store.js';
import type { Vpc, Vpcs } from './model/vpc.js';

export interface Place {
  readonly kernel: Kernel;
  readonly store: Pick<MetadataStore, 'write' | 'remove'>;
}

/** VPCs of `after` that were not there like that. */
export function changedVpcs(before: Vpcs, after: Vpcs): Vpc[] {
  return [...after.values()].filter((vpc) => before.get(vpc.name) !== vpc);
}

/**
 * Carries a step out. What comes is written to the metadata before it is made, what goes leaves it only afterwards: so a call that is
 * killed has left nothing that is not in the metadata, and its repeat does the rest. What fails is taken back, but for removals, which are to be repeated.
 *
 * @param scope what is to be completed even if nothing about it has changed
 * @throws the first error, with what could not be taken back
 */
export async function carryOut(place: Place, before: Vpcs, after: Vpcs, scope: Scope): Promise<void> {
  const session = await HostSession.open(place.kernel);
  const removed = removedBetween(before, after);
  try {
    if (!isNothing(removed)) {
      await remove(session, before, after, removed);
      save(place, before, after);
      return;
    }
    try {
      save(place, before, after);
      await converge(session, before, after, scope);
    } catch (error) {
      throw await takenBack(place, session, before, after, error);
    }
  } finally {
    // Not waited for: after a deletion the kernel takes some 16 ms to close one of them.
    void session.close();
  }
}

function save({ store }: Place, before: Vpcs, after: Vpcs): void {
  for (const vpc of changedVpcs(before, after)) store.write(vpc);
  for (const name of before.keys()) if (!after.has(name)) store.remove(name);
}

/** Makes it as it was. */
async function takenBack(
  place: Place,
  session: HostSession,
  before: Vpcs,
  after: Vpcs,
  cause: unknown,
): Promise<unknown> {
  try {
    await remove(session, after, before, removedBetween(after, before));
    save(place, after, before);
    return cause;
  } catch (error) {
    return new Error(`${oneLine(cause)}; and it could not be taken back: ${oneLine(error)}; repeat the command`, {
      cause,
    });
  }
}
