import { once } from 'node:events';
import { connect } from 'node:net';
import type { Invocation } from '../contract/invocation.js';
import type { CommandResult } from './handler.js';
import { decodeReply, encodeRequest } from './wire.js';

/** No daemon listens where it should. */
export class NoDaemonError extends Error {
  override readonly name = 'NoDaemonError';
}

/**
 * Gives a running daemon one command, as the native client does, but starts no daemon and repeats nothing.
 *
 * @throws NoDaemonError, or WireError when the connection ends early
 */
export async function ask(socketPath: string, invocation: Invocation): Promise<CommandResult> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' || code === 'ECONNREFUSED') throw new NoDaemonError(`no daemon listens on ${socketPath}`);
    if (code === 'EACCES') throw new NoDaemonError(`no access to ${socketPath}: this must be run by root`);
    throw error;
  }
  const pieces: Buffer[] = [];
  // A daemon that refuses closes early: what it said counts, not that our request could not be sent whole.
  socket.on('error', () => undefined);
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  const closed = once(socket, 'close');
  socket.write(encodeRequest(invocation));
  await closed;
  return decodeReply(Buffer.concat(pieces));
}
