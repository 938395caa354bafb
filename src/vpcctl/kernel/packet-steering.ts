/**
 * Receive packet steering of bridges. What a bridge hands on to the host (what is routed: NAT, and the first packets to another subnet) would be
 * worked at by the sender's processor, in the middle of sending. With it a flow has a processor of its own, whichever the sender is on, and keeps
 * its order. Frames from subnet to subnet never get there.
 */

import { readFileSync } from 'node:fs';
import type { Kernel } from '../../executor/kernel.js';
import { VpcctlError } from '../vpcctl-error.js';

type Access = Pick<Kernel, 'readLinkAttribute' | 'writeLinkAttributes'>;

const attribute = 'queues/rx-0/rps_cpus';
/** A kernel without it; a root that is none outside of its user namespace. Packets take the same way without. */
const tolerated: readonly string[] = ['ENOENT', 'EPERM'];

/**
 * The processors this program may run on, as rps_cpus has them: isolated ones are left out.
 *
 * @param status text of /proc/self/status (proc_pid_status(5))
 * @returns undefined when there is only one
 */
export function processorMask(status: string): string | undefined {
  const mask = /^Cpus_allowed:\s*([0-9a-f,]+)$/m.exec(status)?.[1];
  if (mask === undefined) return undefined;
  const isPowerOfTwo = /^[0,]*[1248][0,]*$/.test(mask);
  return isPowerOfTwo ? undefined : mask;
}

/** A mask that is there already stays: somebody has chosen it. @throws VpcctlError */
export async function steerPackets(
  kernel: Access,
  bridges: readonly string[],
  mask: string | undefined = processorMask(readFileSync('/proc/self/status', 'utf8')),
): Promise<void> {
  if (mask === undefined || bridges.length === 0) return;
  try {
    const masks = await Promise.all(bridges.map((link) => kernel.readLinkAttribute(undefined, link, attribute)));
    const without = bridges.filter((_, index) => /^[0,]*$/.test(masks[index] ?? ''));
    if (without.length === 0) return;
    const failures = await kernel.writeLinkAttributes(
      undefined,
      without.map((link) => ({ link, name: attribute, value: mask })),
    );
    const failure = failures.find(({ code }) => !tolerated.includes(code));
    if (failure !== undefined) throw cannotSteer(without[failure.index], failure.code);
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (typeof code !== 'string') throw error;
    if (!tolerated.includes(code)) throw cannotSteer(bridges.join(', '), code);
  }
}

const cannotSteer = (links: string | undefined, code: string) =>
  new VpcctlError(`${attribute} of ${links}: ${code}; expected to be allowed to read and write it`);
