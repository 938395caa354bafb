import type { Goal, Measurement } from './measurement.js';
import { durations, type Run } from './schedule.js';

/** Id of the call that does nothing, which is the floor of all others. */
const floor = 'status';

/**
 * What calls of a schedule took, one measurement for each label.
 *
 * @param labels by id
 * @param withoutFloor ids of what is not compared with a call that does nothing
 */
export function callMeasurements(
  runs: readonly Run[],
  labels: Readonly<Record<string, string>>,
  goalOf: (id: string) => Goal | undefined,
  withoutFloor: readonly string[] = [floor],
): Measurement[] {
  return Object.entries(labels).map(([id, label]): Measurement => {
    const goal = goalOf(id);
    return {
      id,
      label,
      nanoseconds: durations(runs, id),
      ...(withoutFloor.includes(id) ? {} : { floor }),
      ...(goal === undefined ? {} : { goal }),
    };
  });
}
