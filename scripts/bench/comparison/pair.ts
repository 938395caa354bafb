import type { Goal, Measurement } from '../measurement.js';
import type { Samples } from './samples.js';
import type { SideName } from './side.js';

export function pairId(id: string, side: SideName): string {
  return `${id} ${side}`;
}

/**
 * What the two programs took for the same: the shell's is what ours is compared with.
 *
 * @param times how many times faster ours must be
 */
export function pair(samples: Samples, id: string, label: string, times?: number): Measurement[] {
  const shell = samples.of(pairId(id, 'shell'));
  const ours = samples.of(pairId(id, 'ours'));
  const goal: Goal | undefined = times === undefined ? undefined : { kind: 'times-faster', factor: times };
  const own: Measurement = { id: pairId(id, 'ours'), label: `${label}, ours`, nanoseconds: ours };
  const theirs: Measurement = { id: pairId(id, 'shell'), label: `${label}, shell`, nanoseconds: shell };
  if (shell.length === 0) return [own];
  if (ours.length === 0) return [theirs];
  return [theirs, { ...own, floor: pairId(id, 'shell'), ...(goal === undefined ? {} : { goal }) }];
}
