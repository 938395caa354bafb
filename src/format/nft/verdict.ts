import type { Verdict } from '../../kernel/nft/verdict.js';

/** A verdict: `accept`, `jump chain`. */
export function verdictText(verdict: Verdict): string {
  return 'chain' in verdict ? `${verdict.code} ${verdict.chain}` : verdict.code;
}
