/**
 * How much slower than the build machine this machine is: 1 here, about 8 in the VM without hardware acceleration.
 * Every deadline of the tests goes through `patience`, so that a slow machine changes waiting times and nothing else.
 */
export const timeFactor: number = Math.max(1, Number(process.env.CSN_TIME_FACTOR ?? '1') || 1);

export function patience(milliseconds: number): number {
  return Math.ceil(milliseconds * timeFactor);
}

/**
 * A probe without an answer waits this long. Nearly every answer comes within a millisecond, but the first packet may
 * be lost while a bridge port comes up, and the kernel repeats an ARP request or a SYN after a second.
 */
export const answerWithin: number = 2500 + 250 * (timeFactor - 1);

/** For probes that are expected to go unanswered, where the same way was seen to work before or is seen to work after. */
export const briefly = { timeout: 400 + 100 * (timeFactor - 1) } as const;

/** A command that has not answered by then has failed. */
export const commandDeadline: number = patience(20_000);
