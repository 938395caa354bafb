import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatPortForward, portForwardFileName } from '../../src/state/port-forward-file.js';

/** Port forwards of one public address: all TCP ports from 1 on, then all UDP ports. */
export const mostForwards = 100_000;

/**
 * Writes the state files of many port forwards into a network's directory, as a daemon finds them that is started on a host where
 * they were added one by one.
 *
 * @param directory the network's, on the machine
 */
export function writeForwards(directory: string, publicIp: string, privateIp: string, count: number): void {
  const target = join(directory, 'port-forward');
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const perProtocol = mostForwards / 2;
  for (let index = 0; index < count; index++) {
    const port = 1 + (index % perProtocol);
    const ports = { first: port, last: port };
    const protocol = index < perProtocol ? 'tcp' : 'udp';
    const forward = { protocol, publicIp, publicPorts: ports, privateIp, privatePorts: ports } as const;
    writeFileSync(join(target, portForwardFileName(forward)), formatPortForward(forward), { mode: 0o600 });
  }
}
