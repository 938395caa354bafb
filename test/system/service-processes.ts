import type { TestHost } from '../host/host.js';
import type { Network } from './network.js';

/** Number of the process that serves a network, by the program's own pid file; undefined when it does not live. */
export async function servicePid(
  host: TestHost,
  network: Network,
  program: 'dnsmasq' | 'haproxy' | 'radvd',
): Promise<number | undefined> {
  const path = `${host.stateDirectory}/${network.file(`${program}/${program}.pid`)}`;
  const { exit, stdout } = await host.self.run(['cat', path]);
  const pid = Number(stdout.trim());
  if (exit !== 0 || !Number.isInteger(pid)) return undefined;
  const isAlive = (await host.self.run(['kill', '-0', String(pid)])).exit === 0;
  return isAlive ? pid : undefined;
}

export async function dnsmasqPid(host: TestHost, network: Network): Promise<number | undefined> {
  return servicePid(host, network, 'dnsmasq');
}

/** All processes of a name, by number: only this host's can be seen in it. */
export async function processesNamed(host: TestHost, name: string): Promise<number[]> {
  const { stdout } = await host.self.run(['pgrep', '-x', name]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** kill -9 of one process, by its number. */
export async function kill(host: TestHost, pid: number | string): Promise<void> {
  await host.self.output('kill', '-9', String(pid));
}
