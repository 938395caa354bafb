/**
 * How much slower than the build machine this machine is: 1 here, about 8 in the VM without hardware acceleration.
 * Every deadline of the tests goes through `patience`, so that a slow machine changes waiting times and nothing else.
 */
export const timeFactor: number = Math.max(1, Number(process.env.CSN_TIME_FACTOR ?? '1') || 1);

export function patience(milliseconds: number): number {
  return Math.ceil(milliseconds * timeFactor);
}

/** After this long without an answer a packet counts as blocked. Allowed packets answer in well under a millisecond. */
export const blockedAfter: number = 400 + 100 * (timeFactor - 1);

/** A command that has not answered by then has failed. */
export const commandDeadline: number = patience(20_000);
