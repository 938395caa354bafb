/**
 * What many guests of a network are told, in one file (`network-<N>/metadata.pack`): thousands of small files take a file system hundreds of
 * milliseconds. All numbers are little-endian.
 *
 *     pack   = "CSNPACK1", u32 length of the header, u32 CRC-32 of the header, header, blocks
 *     header = JSON: { "size": <bytes of all blocks>, "guests": { "<address>": [<offset>, <bytes>, <CRC-32>], … } }
 *
 * Offsets count from the end of the header; a block is in `guest-block.ts`. A pack is never changed, only replaced.
 */

import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { decodeBlock, type ToldFile } from './guest-block.js';
import { StateError } from './state-error.js';

/** A guest's block. */
export interface PackedGuest {
  readonly block: Buffer;
  /** Its CRC-32, if that is known. */
  readonly sum?: number;
}

/** Reads bytes of a pack; fewer than asked for at its end. */
export type ReadAt = (position: number, length: number) => Buffer;

const magic = Buffer.from('CSNPACK1');

/** Magic, length and sum of the header. */
const preambleSize = magic.length + 8;

const natural = z.int().nonnegative();
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
// A guest's entry is looked at when it is asked for.
const headerSchema = z.object({ size: natural, guests: z.custom<Readonly<Record<string, unknown>>>(isRecord) });
const entrySchema = z.tuple([natural, natural, natural]);

/** @param guests by address */
export function encodePack(guests: ReadonlyMap<string, PackedGuest>): Buffer {
  const entries: [string, z.output<typeof entrySchema>][] = [];
  let size = 0;
  for (const [guestIp, { block, sum = crc32(block) }] of guests) {
    entries.push([guestIp, [size, block.length, sum]]);
    size += block.length;
  }
  const header = Buffer.from(JSON.stringify({ size, guests: Object.fromEntries(entries) }));
  const preamble = Buffer.alloc(preambleSize);
  magic.copy(preamble);
  preamble.writeUInt32LE(header.length, magic.length);
  preamble.writeUInt32LE(crc32(header), magic.length + 4);
  return Buffer.concat([preamble, header, ...[...guests.values()].map(({ block }) => block)]);
}

/** Where everything lies in a pack. */
export class PackIndex {
  private constructor(
    private readonly guests: Readonly<Record<string, unknown>>,
    private readonly begin: number,
    private readonly size: number,
  ) {}

  /**
   * @param size of the file
   * @throws StateError when it is no pack, or not all of one
   */
  static read(read: ReadAt, size: number): PackIndex {
    const preamble = read(0, preambleSize);
    if (preamble.length < preambleSize || !preamble.subarray(0, magic.length).equals(magic)) {
      throw new StateError('is no pack of user data');
    }
    const length = preamble.readUInt32LE(magic.length);
    if (preambleSize + length > size) throw new StateError('is cut off');
    const bytes = read(preambleSize, length);
    if (crc32(bytes) !== preamble.readUInt32LE(magic.length + 4)) throw new StateError('has a damaged header');
    const header = headerOf(bytes);
    const begin = preambleSize + length;
    if (begin + header.size !== size) throw new StateError(`has ${size} bytes, expected ${begin + header.size}`);
    return new PackIndex(header.guests, begin, header.size);
  }

  /** The guests' addresses. */
  get addresses(): string[] {
    return Object.keys(this.guests);
  }

  /** Bytes of the file before the first block. */
  get headerSize(): number {
    return this.begin;
  }

  has(guestIp: string): boolean {
    return Object.hasOwn(this.guests, guestIp);
  }

  /** What is kept of a guest, not looked at; undefined when nothing. @throws StateError */
  guest(guestIp: string, read: ReadAt): PackedGuest | undefined {
    if (!this.has(guestIp)) return undefined;
    const { success, data } = entrySchema.safeParse(this.guests[guestIp]);
    if (!success || data[0] + data[1] > this.size) throw new StateError(`says nothing of use about ${guestIp}`);
    const [offset, length, sum] = data;
    return { block: read(this.begin + offset, length), sum };
  }
}

function headerOf(bytes: Buffer): z.output<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw new StateError('has a header of another kind', { cause: error });
  }
}

/** The files of a packed guest. @throws StateError when they are not what was written, or another guest's */
export function filesOf({ block, sum }: PackedGuest, guestIp: string): ToldFile[] {
  if (sum !== undefined && crc32(block) !== sum) throw new StateError(`what is kept of ${guestIp} is damaged`);
  return decodeBlock(block, guestIp);
}
