import type { Measurement, Section } from './measurement.js';

/** The value below which a share of the samples lies, between two samples in proportion. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = Float64Array.from(samples).sort();
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** A measurement in numbers; times in nanoseconds. */
export interface Summary {
  readonly count: number;
  readonly least: number;
  readonly quarter: number;
  readonly median: number;
  readonly threeQuarters: number;
  readonly p99: number;
  readonly floorMedian: number | undefined;
  /** Of the medians. */
  readonly ratio: number | undefined;
  readonly goalMet: boolean | undefined;
}

export function summarize(measurement: Measurement, section: Section): Summary {
  const { nanoseconds } = measurement;
  const floor = section.measurements.find(({ id }) => id === measurement.floor);
  const own = median(nanoseconds);
  const floorMedian = floor === undefined ? undefined : median(floor.nanoseconds);
  return {
    count: nanoseconds.length,
    least: quantile(nanoseconds, 0),
    quarter: quantile(nanoseconds, 0.25),
    median: own,
    threeQuarters: quantile(nanoseconds, 0.75),
    p99: quantile(nanoseconds, 0.99),
    floorMedian,
    ratio: floorMedian === undefined ? undefined : own / floorMedian,
    goalMet: isGoalMet(measurement, own, floorMedian),
  };
}

function isGoalMet({ goal }: Measurement, own: number, floor: number | undefined): boolean | undefined {
  switch (goal?.kind) {
    case undefined:
      return undefined;
    case 'median':
      return own <= goal.nanoseconds;
    case 'above-floor':
      return floor !== undefined && own - floor <= goal.nanoseconds;
    case 'times-floor':
      return floor !== undefined && own <= floor * goal.factor;
    case 'times-faster':
      return floor !== undefined && own * goal.factor <= floor;
  }
}
