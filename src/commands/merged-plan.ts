/** Several plans as one, so that they are one transaction. */

import { type Change, composed } from '../model/change.js';
import { MergedFiles } from './merged-files.js';
import { MergedLinks } from './merged-links.js';
import type { Plan, ServiceWork } from './plan.js';

/** A plan that does what several do, each made for what is there after those before it. */
export class MergedPlan {
  readonly #plans: Plan[] = [];
  readonly #links = new MergedLinks();
  readonly #files = new MergedFiles();

  /** Adds a plan. @returns false when it is for a transaction of its own; the first one always fits */
  add(plan: Plan): boolean {
    const [first, second] = this.#plans;
    if (first !== undefined) {
      // A plan that stays alone, which most do, is not taken apart: it may have ten thousand files.
      if (second === undefined) this.#take(first);
      const fits =
        canBeMerged(first) && canBeMerged(plan) && this.#links.fits(plan.links) && this.#files.fits(plan.files);
      if (!fits) return false;
      this.#take(plan);
    }
    this.#plans.push(plan);
    return true;
  }

  #take({ links, files }: Plan): void {
    this.#links.add(links);
    this.#files.add(files);
  }

  /** Undefined while none was added. */
  get plan(): Plan | undefined {
    const plans = this.#plans;
    const [first] = plans;
    if (first === undefined || plans.length === 1) return first;
    return {
      namespace: plans.some(({ namespace }) => namespace === 'ensure') ? 'ensure' : 'expect',
      links: this.#links.links,
      changes: composed(plans.flatMap(({ changes }): readonly Change[] => changes)),
      files: this.#files.edits,
      endConnections: plans.flatMap(({ endConnections }) => endConnections),
      endsRefusedConnections: plans.some(({ endsRefusedConnections }) => endsRefusedConnections),
      announcements: plans.flatMap(({ announcements }) => announcements),
      action: undefined,
      hook: undefined,
      services: mergedServices(plans.flatMap(({ services }) => services)),
      restoresPolicyRouting: plans.some(({ restoresPolicyRouting }) => restoresPolicyRouting),
      removesTableNames: false,
      notes: plans.flatMap(({ notes }) => notes),
    };
  }
}

/**
 * Whether a plan can be part of a larger one: it ends nothing whose files go as a whole, and does not answer with what it finds there.
 */
export function canBeMerged({ namespace, changes, action, hook, removesTableNames }: Plan): boolean {
  const ends = ({ kind, after }: Change) =>
    (kind === 'network' && after?.active !== true) || (kind === 'vpc' && after === undefined);
  return (
    namespace !== 'remove' && action === undefined && hook === undefined && !removesTableNames && !changes.some(ends)
  );
}

function mergedServices(work: readonly ServiceWork[]): ServiceWork[] {
  const merged = new Map<string, ServiceWork>();
  for (const one of work) {
    const key = `${one.service} ${one.networkId}`;
    const other = merged.get(key);
    const isBoth = other?.service === 'dnsmasq' && one.service === 'dnsmasq';
    merged.set(key, isBoth ? { ...one, freed: [...other.freed, ...one.freed] } : one);
  }
  return [...merged.values()];
}
