import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  type BatchCommands,
  type BatchHeader,
  type BatchResults,
  batchMagic,
  batchResults,
  checked,
  encodeFrame,
  frames,
} from './batch-wire.js';
import { connectTo } from './connect.js';

/**
 * Gives a running daemon the commands of a batch; never more of them at once than it takes.
 *
 * @param commands lists that are not empty
 * @param told what came of commands, in the order they ended; the number 0 stands for the batch as a whole
 * @returns whether the daemon has said that it was all
 * @throws NoDaemonError; WireError when the connection ends in the middle of a frame
 */
export async function askBatch(
  socketPath: string,
  header: BatchHeader,
  commands: AsyncIterable<BatchCommands>,
  told: (results: BatchResults) => void,
): Promise<boolean> {
  const socket = await connectTo(socketPath);
  // That the daemon has gone shows when no last frame comes.
  socket.on('error', () => undefined);
  const reading = readResults(socket, told);
  socket.write(batchMagic);
  socket.write(encodeFrame(header));
  await sendAll(socket, commands);
  return reading;
}

async function readResults(socket: Socket, told: (results: BatchResults) => void): Promise<boolean> {
  for await (const frame of frames(socket)) {
    const results = checked(batchResults, frame);
    if (results.length === 0) return true;
    told(results);
  }
  return false;
}

async function sendAll(socket: Socket, commands: AsyncIterable<BatchCommands>): Promise<void> {
  const gone = once(socket, 'close').catch(() => undefined);
  for await (const some of commands) {
    if (socket.destroyed) return;
    if (!socket.write(encodeFrame(some))) await Promise.race([once(socket, 'drain').catch(() => undefined), gone]);
  }
  if (!socket.destroyed) socket.write(encodeFrame([]));
}
