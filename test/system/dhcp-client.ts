import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { patience } from '../host/patience.js';

/** What udhcpc was told, by its own names: `ip`, `router`, `dns`, `domain`, `hostname`, `search`, `ntpsrv`, `lease`, … */
export type Told = Readonly<Record<string, string>>;

const script = '/run/dhcp-script.sh';

/** Prints what it is told, and takes the address. */
const scriptText = `#!/bin/sh
if [ "$1" = bound ]; then
  env
  ip address flush dev "$interface"
  ip address add "$ip/$mask" dev "$interface"
  [ -z "$router" ] || ip route replace default via "$router"
fi
exit 0
`;

/** A guest without an address, as a VM is before it asks for one. */
export async function bootGuest(host: TestHost, vlan: number | string, mac: string): Promise<Endpoint> {
  await host.writeFile(script, scriptText, 0o755);
  return host.attachGuest(vlan, { addresses: [], mac });
}

/**
 * Asks for an address with a real client; undefined when nobody gives it one.
 *
 * @param tries how often it asks, once a second
 */
export async function lease(guest: Endpoint, tries = 4): Promise<Told | undefined> {
  const requested = ['router', 'dns', 'domain', 'hostname', 'lease', '42', '119', '224'].flatMap((name) => [
    '-O',
    name,
  ]);
  const argv = ['udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-t', String(tries), '-T', '1', '-s', script, ...requested];
  const outcome = await guest.run(argv, { deadline: patience(20_000) });
  if (outcome.exit !== 0) return undefined;
  return Object.fromEntries(
    outcome.stdout.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

const clientScript = '/run/dhclient-script.sh';

const clientScriptText = `#!/bin/sh
case $reason in
  BOUND | RENEW | REBIND | REBOOT)
    ip address flush dev "$interface"
    ip address add "$new_ip_address/$new_subnet_mask" dev "$interface"
    [ -z "$new_routers" ] || ip route replace default via "$new_routers"
esac
exit 0
`;

/** What dhclient writes into its file of leases, by its own names: `fixed-address`, `routers`, `dhcp-server-identifier`, … */
export interface ClientLease {
  readonly options: Told;
  /** The file, where guests' scripts look for the server that has given the lease. */
  readonly path: string;
}

/** Asks for an address with ISC's client, which most guests of CloudStack have had; undefined when nobody gives it one. */
export async function clientLease(host: TestHost, guest: Endpoint, name: string): Promise<ClientLease | undefined> {
  const path = `/run/dhclient.${name}.leases`;
  const configuration = `/run/dhclient.${name}.conf`;
  const pidFile = `/run/dhclient.${name}.pid`;
  const asked = 'subnet-mask, routers, domain-name, domain-name-servers, domain-search, host-name, ntp-servers';
  await host.writeFile(configuration, `timeout 4;\nrequest ${asked};\n`);
  await host.writeFile(clientScript, clientScriptText, 0o755);
  const files = ['-lf', path, '-pf', pidFile, '-cf', configuration, '-sf', clientScript];
  const { exit } = await guest.run(['dhclient', '-4', '-1', '-q', ...files, guest.device], {
    deadline: patience(20_000),
  });
  if (exit !== 0) return undefined;
  // It stays to renew the lease, and writes its number when it has gone into the background.
  const isEnded = async () => (await guest.run(['sh', '-c', `kill "$(cat ${pidFile})"`])).exit === 0;
  if (!(await guest.eventually(isEnded))) throw new Error(`dhclient of ${guest.name} does not say its number`);
  const lines = (await host.self.output('cat', path)).split('\n').map((line) => line.trim().replace(/;$/, ''));
  const options = lines.flatMap((line) => {
    const [, key, value] = /^(?:option )?([a-z-]+) (.+)$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value.replace(/^"(.*)"$/, '$1')]];
  });
  return { options: Object.fromEntries(options), path };
}

/** Answers of a name server, one a line in their order; undefined when it does not answer. */
export async function resolve(
  guest: Endpoint,
  server: string,
  ...question: readonly string[]
): Promise<string[] | undefined> {
  const argv = ['dig', `@${server}`, '+short', '+tries=1', `+time=${Math.ceil(patience(1000) / 1000)}`, ...question];
  const { exit, stdout } = await guest.run(argv);
  return exit === 0 ? stdout.split('\n').filter((line) => line !== '') : undefined;
}
