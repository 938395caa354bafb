/** A verdict: what becomes of the packet, or where evaluation goes on. */
export type Verdict =
  | { readonly code: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly code: 'jump' | 'goto'; readonly chain: string };

export const accept: Verdict = { code: 'accept' };
export const drop: Verdict = { code: 'drop' };
/** Goes on behind the rule that jumped here. */
export const returnToCaller: Verdict = { code: 'return' };
/** Calls a chain and comes back. */
export const jump = (chain: string): Verdict => ({ code: 'jump', chain });
/** Goes on in a chain and does not come back. */
export const goTo = (chain: string): Verdict => ({ code: 'goto', chain });
