/** What a measurement must not exceed. */
export type Goal =
  | { readonly kind: 'median'; readonly nanoseconds: number }
  /** Over the median of the floor. */
  | { readonly kind: 'above-floor'; readonly nanoseconds: number }
  | { readonly kind: 'times-floor'; readonly factor: number }
  /** The floor must take so many times as long. */
  | { readonly kind: 'times-faster'; readonly factor: number };

/** One thing measured many times. */
export interface Measurement {
  readonly id: string;
  readonly label: string;
  /** Raw, in the order they were taken; bytes where the section's unit is KiB, as in its goals. */
  readonly nanoseconds: number[];
  /** Id of the measurement it is compared with: taken in the same run, alternating with it. */
  readonly floor?: string;
  readonly goal?: Goal;
}

/** Measurements that belong into one table and one chart. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** How it was measured. */
  readonly method: string;
  readonly unit: 'µs' | 'ms' | 'KiB';
  /** What the numbers in the ids of the measurements count: then the chart has lines over them. */
  readonly axis?: string;
  readonly measurements: readonly Measurement[];
}
