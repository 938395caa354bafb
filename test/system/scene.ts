import type { Endpoint } from '../host/endpoint.js';
import { TestHost, type TestHostOptions } from '../host/host.js';
import type { Network } from './network.js';

/** A test host with the product installed and no daemon running yet. */
export async function createHost(options: TestHostOptions = {}): Promise<TestHost> {
  const host = await TestHost.create({ guestVlans: [100, 101, 102], publicVlans: [200, 201], ...options });
  try {
    await host.install();
    return host;
  } catch (error) {
    await host.destroy();
    throw error;
  }
}

/** An address of the internet: behind the router of the public VLAN, never on it. */
export const internet = '198.51.100.9';

/** The router of public VLAN 200 with the internet behind it; new connections from outside come from `internet`. */
export async function attachInternet(host: TestHost, vlan: number | string = 200): Promise<Endpoint> {
  return host.attachOutside(vlan, { addresses: ['203.0.113.1/24', '3.0.113.1/24'], loopback: [`${internet}/32`] });
}

/** A guest of a network behind the wire, with the network's gateway as its default route. */
export async function attachGuest(
  host: TestHost,
  network: Network,
  last: number,
  vlan: number | string,
): Promise<Endpoint> {
  return host.attachGuest(vlan, { addresses: [`${network.prefix}.${last}/24`], gateway: network.gateway });
}

/** Processes that listen where the client looks for the daemon; only this host's can be seen in it. */
export async function daemons(host: TestHost): Promise<string[]> {
  const sockets = (await host.self.output('ss', '-xlpH'))
    .split('\n')
    .filter((line) => line.includes(' /run/cloudstack-netns/'));
  return sockets.map((line) => /pid=(\d+)/.exec(line)?.[1] ?? `no process: ${line}`);
}

/** State files end with a newline or not; that is no difference. */
export function trimmed(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, content.trim()]));
}
