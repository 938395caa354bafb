/**
 * Edits of one commit, as a journal (`.journal-<domain>`) has them. All numbers are little-endian.
 *
 *     record = "CSNJ", u32 length, u32 CRC-32 of what follows, u32 length of the index, index, contents one after the other
 *     index  = JSON: [["<path>", <bytes>], ["<path>", null], …]     null: there is to be nothing of that name
 *
 * A path that ends in `/` is a directory, which goes with all that is in it before the files of the same record are written.
 */

import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { PlainEdit } from './resolve-edits.js';

/** What is to be of one path: a file's content, or nothing. */
export type JournalEntry = readonly [path: string, content: Uint8Array | undefined];

const magic = Buffer.from('CSNJ');

/** Magic, length and sum. */
const preambleSize = magic.length + 8;

const indexSchema = z.array(z.tuple([z.string(), z.int().nonnegative().nullable()]));

/** What edits come to. Of several about one path none comes before the removal of the directory that it is in. */
export function entriesOf(edits: readonly PlainEdit[]): JournalEntry[] {
  const trees: JournalEntry[] = [];
  const files: JournalEntry[] = [];
  for (const edit of edits) {
    if ('removeTree' in edit || 'replaceTree' in edit) trees.push([`${edit.path}/`, undefined]);
    else if ('remove' in edit) files.push([edit.path, undefined]);
    else files.push([edit.path, typeof edit.content === 'string' ? Buffer.from(edit.content) : edit.content]);
  }
  return [...trees, ...files];
}

export function encodeRecord(entries: readonly JournalEntry[]): Buffer {
  const index = Buffer.from(JSON.stringify(entries.map(([path, content]) => [path, content?.length ?? null])));
  const contents = entries.flatMap(([, content]) => content ?? []);
  const preamble = Buffer.alloc(preambleSize + 4);
  const record = Buffer.concat([preamble, index, ...contents]);
  magic.copy(record);
  record.writeUInt32LE(record.length - preambleSize, magic.length);
  record.writeUInt32LE(index.length, preambleSize);
  record.writeUInt32LE(crc32(record.subarray(preambleSize)), magic.length + 4);
  return record;
}

/** What all records of a journal say, in their order. The last one may be half written: then nobody was told that it was done, and it is left out. */
export function decodeRecords(journal: Buffer): JournalEntry[] {
  const entries: JournalEntry[] = [];
  let offset = 0;
  for (;;) {
    const record = recordAt(journal, offset);
    if (record === undefined) return entries;
    // One by one: there can be more of them than a call takes arguments.
    for (const entry of record.entries) entries.push(entry);
    offset = record.end;
  }
}

function recordAt(
  journal: Buffer,
  begin: number,
): { readonly entries: readonly JournalEntry[]; readonly end: number } | undefined {
  const start = begin + preambleSize;
  if (start + 4 > journal.length || !journal.subarray(begin, begin + magic.length).equals(magic)) return undefined;
  const end = start + journal.readUInt32LE(begin + magic.length);
  if (end > journal.length) return undefined;
  const body = journal.subarray(start, end);
  if (body.length < 4 || crc32(body) !== journal.readUInt32LE(begin + magic.length + 4)) return undefined;
  let position = 4 + body.readUInt32LE();
  const entries = indexSchema
    .parse(JSON.parse(body.toString('utf8', 4, position)))
    .map(([path, size]): JournalEntry => {
      if (size === null) return [path, undefined];
      const content = body.subarray(position, position + size);
      position += size;
      return [path, content];
    });
  return { entries, end };
}
