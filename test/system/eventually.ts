import { setTimeout } from 'node:timers/promises';
import { patience } from '../host/patience.js';

/**
 * Asks again and again until the answer is right.
 *
 * @param within milliseconds; then the last answer is returned as it is, for the test to compare
 */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  within = 5_000,
): Promise<T> {
  const end = performance.now() + patience(within);
  for (;;) {
    const answer = await ask();
    if (isRight(answer) || performance.now() > end) return answer;
    await setTimeout(50);
  }
}
