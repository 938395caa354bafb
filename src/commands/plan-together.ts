/** Commands about one domain that wait for each other, as one plan. */

import type { Command } from '../contract/command.js';
import { applyChange, type Change, revertChanges } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { planCommand } from './index.js';
import { canBeMerged, MergedPlan } from './merged-plan.js';
import type { Plan } from './plan.js';

/** What became of a command: its own part of the plan, or why there is none. */
export type Planned = { readonly plan: Plan } | { readonly error: unknown };

export interface Together {
  /** What all of them want done; undefined when none could be planned. */
  readonly plan: Plan | undefined;
  /** One for each of the first commands; those that are missing come after this plan. */
  readonly planned: readonly Planned[];
}

/**
 * Plans as many of the commands, from the first on, as can be one transaction. Each is planned for what is there after those before it; one
 * that cannot be planned is as if it had not been given.
 *
 * @param domain left as it is
 */
export function planTogether(commands: readonly Command[], domain: Domain): Together {
  const merged = new MergedPlan();
  const planned: Planned[] = [];
  const done: Change[] = [];
  const { present } = domain;
  try {
    for (const command of commands) {
      const one = planOne(command, domain);
      if ('plan' in one && !merged.add(one.plan)) break;
      planned.push(one);
      if (!('plan' in one)) continue;
      // What is there after such a plan shows only when it was carried out.
      if (!canBeMerged(one.plan)) break;
      for (const change of one.plan.changes) applyChange(domain, change);
      done.push(...one.plan.changes);
      if (one.plan.namespace === 'ensure') domain.present = true;
    }
  } finally {
    domain.present = present;
    revertChanges(domain, done);
  }
  return { plan: merged.plan, planned };
}

function planOne(command: Command, domain: Domain): Planned {
  try {
    return { plan: planCommand(command, domain) };
  } catch (error) {
    return { error };
  }
}
