import type { IncomingMessage } from 'node:http';
import { type Answer, notFound, plainText } from '../answer.js';
import type { Gate } from '../gate.js';
import type { Guest } from '../served-place.js';
import { isUnchanged } from './conditions.js';
import { dataOf, type LookUp } from './guest-data.js';
import type { Found } from './guest-tree.js';
import { isVersion, namedVersions, namesOf } from './request-path.js';

/** Up to this many bytes a file is read at once; larger ones bit by bit, as the guest takes them. */
const small = 64 * 1024;

/**
 * Answers what a guest asks about itself: `/latest/user-data`, `/latest/meta-data/…`. Whose data it is, is decided by the source address and
 * nothing the guest says.
 *
 * @param gate keeps guests from taking up all of the threads that read files, which commands need, too
 * @throws StateError when the network's pack is damaged
 */
export async function answerMetadata(request: IncomingMessage, guest: Guest, gate: Gate): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, headers: { ...plainText, Allow: 'GET, HEAD', Connection: 'close' }, body: 'not allowed\n' };
  }
  const names = namesOf(request.url ?? '/');
  if (names === undefined) return notFound;
  const [version, ...inside] = names;
  if (version !== undefined && !isVersion(version)) return notFound;
  return gate.run(async () => {
    const lookUp = dataOf(guest);
    const found = (await lookUp(inside)) ?? (await lookUpFormerly(lookUp, inside));
    if (found === undefined) return notFound;
    if (version === undefined) return listing(namedVersions);
    return found.kind === 'directory' ? listing(found.entries) : fileAnswer(request, found);
  });
}

/**
 * CloudStack's virtual router answers `/latest/local-hostname` as `/latest/meta-data/local-hostname`: so it was once called, its documentation
 * still says so, and guests ask like that.
 */
async function lookUpFormerly(lookUp: LookUp, inside: readonly string[]): Promise<Found | undefined> {
  return inside.length === 1 ? lookUp(['meta-data', ...inside]) : undefined;
}

function listing(entries: readonly string[]): Answer {
  const body = Buffer.from(entries.map((entry) => `${entry}\n`).join(''));
  return { status: 200, headers: { ...plainText, 'Content-Length': body.length }, body };
}

async function fileAnswer(request: IncomingMessage, file: Found & { kind: 'file' }): Promise<Answer> {
  const { content, size, modified, tag } = file;
  const validators = { ETag: tag, 'Last-Modified': modified.toUTCString() };
  const headers = { ...plainText, ...validators, 'Content-Length': size };
  let isLeftOpen = false;
  try {
    if (isUnchanged(request.headers, tag, modified)) return { status: 304, headers: validators };
    if (request.method === 'HEAD' || size === 0) return { status: 200, headers };
    if (Buffer.isBuffer(content)) return { status: 200, headers, body: content };
    if (size <= small) {
      const bytes = Buffer.alloc(size);
      const { bytesRead } = await content.read(bytes, 0, size, 0);
      return { status: 200, headers: { ...headers, 'Content-Length': bytesRead }, body: bytes.subarray(0, bytesRead) };
    }
    isLeftOpen = true;
    return { status: 200, headers, body: content.createReadStream({ end: size - 1 }) };
  } finally {
    if (!isLeftOpen && !Buffer.isBuffer(content)) await content.close();
  }
}
