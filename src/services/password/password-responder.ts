import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { findLine } from '../../state/key-lines.js';
import { passwordsFile } from '../../state/layout.js';
import { errorCode } from '../../state/state-error.js';
import { type Answer, plainText } from '../answer.js';
import type { Gate } from '../gate.js';
import { type Guest, networkPath } from '../served-place.js';

/** Takes a guest's password out of the state, under the network's lock. */
export type ForgetPassword = (guest: Guest) => Promise<void>;

/**
 * The protocol of CloudStack's virtual router: what the guest wants is in the header `DomU_Request`, the answer in the body; the status is
 * always 200, because old clients take only that for an answer.
 */
export async function answerPassword(
  request: IncomingMessage,
  guest: Guest,
  gate: Gate,
  forget: ForgetPassword,
): Promise<Answer> {
  switch (request.headers.domu_request) {
    case 'send_my_password':
      return said((await readPassword(guest, gate)) ?? 'saved_password');
    case 'saved_password':
      if ((await readPassword(guest, gate)) !== undefined) await forget(guest);
      return said('saved_password');
    default:
      return said('bad_request');
  }
}

function said(text: string): Answer {
  const body = Buffer.from(text);
  const headers = { ...plainText, 'Content-Length': body.length, 'Cache-Control': 'no-store', Connection: 'close' };
  return { status: 200, headers, body };
}

/** Undefined when none is kept, or when what is there is no file of ours. */
function readPassword(guest: Guest, gate: Gate): Promise<string | undefined> {
  return gate.run(async () => {
    const path = `${networkPath(guest)}/${passwordsFile}`;
    try {
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        return findLine(await handle.readFile(), guest.address) || undefined;
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR'].includes(errorCode(error) ?? '')) return undefined;
      throw error;
    }
  });
}
