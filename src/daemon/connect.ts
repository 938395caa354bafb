import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** No daemon listens where it should. */
export class NoDaemonError extends Error {
  override readonly name = 'NoDaemonError';
}

/** Connects to a daemon that runs. @throws NoDaemonError */
export async function connectTo(socketPath: string): Promise<Socket> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' || code === 'ECONNREFUSED') throw new NoDaemonError(`no daemon listens on ${socketPath}`);
    if (code === 'EACCES') throw new NoDaemonError(`no access to ${socketPath}: this must be run by root`);
    throw error;
  }
}
