/** A value as prom-client's registry writes it. */
export interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * How often values were how large: what a histogram of Prometheus says of one set of labels. The library's own looks the labels up with every value,
 * which costs a command of a batch a microsecond and more.
 */
export class Distribution {
  readonly #bounds: readonly number[];
  /** For each bound the values up to it and above the one before, then those above all, last the sum of all values. */
  readonly #numbers: Float64Array;

  /** @param bounds upper ends of the buckets, ascending */
  constructor(
    private readonly labels: Readonly<Record<string, string>>,
    bounds: readonly number[],
  ) {
    this.#bounds = bounds;
    this.#numbers = new Float64Array(bounds.length + 2);
  }

  add(value: number): void {
    const bounds = this.#bounds;
    const numbers = this.#numbers;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] ?? 0)) place++;
    numbers[place] = (numbers[place] ?? 0) + 1;
    const last = bounds.length + 1;
    numbers[last] = (numbers[last] ?? 0) + value;
  }

  /** @param name of the histogram */
  samples(name: string): Sample[] {
    const { labels } = this;
    let count = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, place) => {
      count += this.#numbers[place] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#numbers.at(-1) ?? 0 },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
