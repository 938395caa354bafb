import type { Socket } from 'node:net';

/** Who is at the other end of a unix socket, as the kernel saw it when the connection was made (SO_PEERCRED). */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Asks the kernel; takes the descriptor of a connected unix socket. */
export type PeerCredentialsReader = (descriptor: number) => PeerCredentials;

/**
 * The file descriptor of a connection. Node has no public way to it; every 20 and 22 keeps it in the same place, and where
 * it is missing the caller must refuse the connection.
 */
export function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  const descriptor: unknown = Reflect.get(handle, 'fd');
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
}
