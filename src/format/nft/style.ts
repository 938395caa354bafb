/** How text is written where nft has more than one way. */
export interface FormatOptions {
  /**
   * Names instead of numbers for protocols, connection states, priorities, ICMP types and the like: what `nft` prints without options.
   * Numbers when absent: what `nft -nn` prints.
   */
  readonly names?: boolean;
  /** Names of links by index. nft prints them for `iif`, `oif` and sets of indexes; without one the index itself is printed. */
  readonly links?: ReadonlyMap<number, string>;
}

/** The same without names: the ends of ranges are always numbers. */
export function numbersOnly(options: FormatOptions): FormatOptions {
  return options.names === true ? { ...options, names: false } : options;
}
