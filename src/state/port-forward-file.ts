import { isAddress } from '../model/address.js';
import { formatPortRange, parsePortRange, portCount } from '../model/ports.js';
import type { ForwardProtocol, PortRange } from '../model/values.js';

/** What makes a port forward the one it is. */
export interface PortForwardKey {
  readonly protocol: ForwardProtocol;
  readonly publicIp: string;
  readonly publicPorts: PortRange;
}

/** A port forward as its state file says it. */
export interface StoredPortForward extends PortForwardKey {
  readonly privateIp: string;
  /** Same length as `publicPorts`. */
  readonly privatePorts: PortRange;
}

/** Name of the file we write. */
export function portForwardFileName(key: PortForwardKey): string {
  return `${key.protocol}_${key.publicIp}_${formatPortRange(key.publicPorts)}`;
}

/**
 * All names the shell wrapper may have given the file: it keeps the protocol's case and the spelling of a one-port range (`3000-3000`). Ours
 * comes first.
 */
export function portForwardFileNames(key: PortForwardKey): readonly string[] {
  const { first, last } = key.publicPorts;
  const ports = first === last ? [`${first}`, `${first}-${first}`] : [`${first}-${last}`];
  return [key.protocol, key.protocol.toUpperCase()].flatMap((protocol) =>
    ports.map((port) => `${protocol}_${key.publicIp}_${port}`),
  );
}

/** `proto ip port private-ip private-port`, one line. */
export function formatPortForward(forward: StoredPortForward): string {
  const publicPorts = formatPortRange(forward.publicPorts);
  const privatePorts = formatPortRange(forward.privatePorts);
  return `${forward.protocol} ${forward.publicIp} ${publicPorts} ${forward.privateIp} ${privatePorts}\n`;
}

/** Reads one line, also as the shell wrapper writes it (upper case, `:` in ranges); undefined when it is damaged. */
export function parsePortForward(line: string): StoredPortForward | undefined {
  const [name = '', publicIp = '', publicPort = '', privateIp = '', privatePort = '', ...more] = line.split(' ');
  const protocol = name.toLowerCase();
  const publicPorts = parsePortRange(publicPort);
  const privatePorts = parsePortRange(privatePort);
  if (protocol !== 'tcp' && protocol !== 'udp') return undefined;
  if (publicPorts === undefined || privatePorts === undefined || more.length > 0) return undefined;
  if (portCount(publicPorts) !== portCount(privatePorts) || !isAddress(publicIp) || !isAddress(privateIp))
    return undefined;
  return { protocol, publicIp, publicPorts, privateIp, privatePorts };
}
