import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ForwardProtocol } from '../../src/model/values.js';
import { formatPortForward, portForwardFileName } from '../../src/state/port-forward-file.js';

/** Port forwards of one public address: all TCP ports from 1 on, then all UDP ports. */
export const mostForwards = 100_000;

/** One public port that leads to the same port of a guest. */
export interface ForwardedPort {
  readonly protocol: ForwardProtocol;
  readonly port: number;
}

/** The first so many of the most. */
export function forwardedPorts(count: number): ForwardedPort[] {
  const perProtocol = mostForwards / 2;
  return Array.from({ length: count }, (_, index) => ({
    protocol: index < perProtocol ? 'tcp' : 'udp',
    port: 1 + (index % perProtocol),
  }));
}

/**
 * Writes the state files of many port forwards into a network's directory, as a daemon finds them that is started on a host where
 * they were added one by one.
 *
 * @param directory the network's, on the machine
 */
export function writeForwards(
  directory: string,
  publicIp: string,
  privateIp: string,
  forwarded: readonly ForwardedPort[],
): void {
  const target = join(directory, 'port-forward');
  mkdirSync(target, { recursive: true, mode: 0o700 });
  for (const { protocol, port } of forwarded) {
    const ports = { first: port, last: port };
    const forward = { protocol, publicIp, publicPorts: ports, privateIp, privatePorts: ports } as const;
    writeFileSync(join(target, portForwardFileName(forward)), formatPortForward(forward), { mode: 0o600 });
  }
}
