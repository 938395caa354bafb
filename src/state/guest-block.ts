/**
 * What one guest is told, as one piece of a pack: u32 (little-endian) length of an index, the index, the contents one after the other. The
 * index is JSON, `["<guest's address>", ["<path below latest/>", <bytes>], …]`, in the order of the paths; so equal data is equal bytes.
 */

import { z } from 'zod';
import { StateError } from './state-error.js';

/** A file of a guest; the path is below its `latest/`. */
export interface ToldFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** Bytes before the index. */
const lengthSize = 4;

const index = z.tuple([z.string()], z.tuple([z.string(), z.int().nonnegative()]));

/** @param files no path twice */
export function encodeBlock(guestIp: string, files: readonly ToldFile[]): Buffer {
  const sorted = [...files].sort((one, other) => (one.path < other.path ? -1 : 1));
  const text = JSON.stringify([guestIp, ...sorted.map(({ path, content }) => [path, content.length])]);
  const size = Buffer.byteLength(text);
  const block = Buffer.allocUnsafe(sorted.reduce((sum, { content }) => sum + content.length, lengthSize + size));
  block.writeUInt32LE(size);
  block.write(text, lengthSize);
  let offset = lengthSize + size;
  for (const { content } of sorted) {
    block.set(content, offset);
    offset += content.length;
  }
  return block;
}

/**
 * @param guestIp whose it is to be
 * @returns the files, their contents parts of `block`
 * @throws StateError when it is no block, or another guest's
 */
export function decodeBlock(block: Buffer, guestIp: string): ToldFile[] {
  const end = lengthSize + (block.length < lengthSize ? 0 : block.readUInt32LE());
  const [owner, ...entries] = parseIndex(block.toString('utf8', lengthSize, end)) ?? [];
  if (owner === undefined) throw new StateError(`what is kept of ${guestIp} has no index`);
  if (owner !== guestIp) throw new StateError(`what is kept of ${guestIp} is another guest's`);
  let offset = end;
  const files = entries.map(([path, size]) => {
    const content = block.subarray(offset, offset + size);
    offset += size;
    return { path, content };
  });
  if (offset !== block.length) throw new StateError(`what is kept of ${guestIp} is not as long as its index says`);
  return files;
}

function parseIndex(text: string): z.output<typeof index> | undefined {
  try {
    return index.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
