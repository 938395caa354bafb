import { once } from 'node:events';
import type { Invocation } from '../contract/invocation.js';
import { connectTo } from './connect.js';
import type { CommandResult } from './handler.js';
import { decodeReply, encodeRequest } from './wire.js';

/**
 * Gives a running daemon one command, as the native client does, but starts no daemon and repeats nothing.
 *
 * @throws NoDaemonError, or WireError when the connection ends early
 */
export async function ask(socketPath: string, invocation: Invocation): Promise<CommandResult> {
  const socket = await connectTo(socketPath);
  const pieces: Buffer[] = [];
  // A daemon that refuses closes early: what it said counts, not that our request could not be sent whole.
  socket.on('error', () => undefined);
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  const closed = once(socket, 'close');
  socket.write(encodeRequest(invocation));
  await closed;
  return decodeReply(Buffer.concat(pieces));
}
