/** How much is let through in which time: of limit expressions and of named limits. */
export interface Rate {
  /** Packets or bytes in each `per`. */
  readonly rate: number;
  readonly of?: 'packets' | 'bytes';
  readonly per: keyof typeof seconds;
  /** What may pass at once before the rate holds; 5 packets or 0 bytes when absent, as in nft. */
  readonly burst?: number;
  /** Matches what exceeds the rate instead of what keeps to it. */
  readonly over?: boolean;
}

const seconds = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;

/** NFT_LIMIT_F_INV of linux/netfilter/nf_tables.h. */
const NFT_LIMIT_F_INV = 1;

/** The attributes of a limit (NFTA_LIMIT_*). */
export function rateBody({ rate, of = 'packets', per, burst, over }: Rate): object {
  return {
    rate,
    unit: seconds[per],
    burst: burst ?? (of === 'packets' ? 5 : 0),
    type: of,
    flags: over === true ? NFT_LIMIT_F_INV : 0,
  };
}

/** Decoded NFTA_LIMIT_* as a Rate. A unit that is none of the words reads as so much per second. */
export function decodeRate(decoded: object): Rate {
  const limit = decoded as { rate: number; unit: number; burst?: number; type?: Rate['of']; flags?: number };
  const per = (Object.keys(seconds) as Rate['per'][]).find((word) => seconds[word] === limit.unit);
  return {
    rate: per === undefined ? limit.rate / limit.unit : limit.rate,
    of: limit.type ?? 'packets',
    per: per ?? 'second',
    burst: limit.burst ?? 0,
    ...(((limit.flags ?? 0) & NFT_LIMIT_F_INV) === 0 ? {} : { over: true }),
  };
}
