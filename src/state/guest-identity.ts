import type { ToldFile } from './guest-block.js';

/** By it one guest is told from another that has its address later (cloud-init goes by it, too). */
export const identityFile = 'meta-data/instance-id';

/** Undefined when nothing is said of it. */
export function identityOf(files: readonly ToldFile[]): Uint8Array | undefined {
  const content = files.find(({ path }) => path === identityFile)?.content;
  return content === undefined || content.length === 0 ? undefined : content;
}
