/** dnsmasq of one network as a service. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Domain } from '../model/domain.js';
import { listenedLink, parseConfiguration } from '../state/dnsmasq-configuration.js';
import { type DnsmasqPlaces, dnsmasqDirectory, dnsmasqFiles, dnsmasqPlaces } from '../state/dnsmasq-places.js';
import { networkDirectory } from '../state/layout.js';
import { temporaryName } from '../state/temporary-name.js';
import { checkText } from './check-text.js';
import type { GuestProgram, KeepsLease } from './guest-program.js';
import type { Program } from './programs.js';
import { configurationOf, type Particular, type Service, serviceOf } from './service.js';

const program: Program = { name: 'dnsmasq', package: 'dnsmasq-base' };

/** Configuration and lines: a changed configuration needs a new start, all else is read on SIGHUP. */
export const dnsmasq: GuestProgram = {
  name: 'dnsmasq',
  service: dnsmasqService,
  directory: dnsmasqDirectory,
  isWanted(domain: Domain, networkId: string): boolean {
    const network = domain.network.get(networkId);
    const service = domain.nameService.get(networkId);
    if (network === undefined || service === undefined || !network.active || !domain.present) return false;
    return network.link !== undefined && network.cidr !== undefined && (service.dhcp || service.dns === 'on');
  },
  demands(configuration) {
    const { dhcp, dns } = parseConfiguration(configuration);
    const link = listenedLink(configuration);
    return { isRunning: (dhcp || dns === 'on') && link !== undefined, link };
  },
  // Lines of the options file are checked with the configuration: dnsmasq itself only logs those that it does not understand.
  async check(root, networkId, edited) {
    const file = (name: keyof typeof dnsmasqFiles) => edited(`${dnsmasqDirectory(networkId)}/${dnsmasqFiles[name]}`);
    const configuration = file('configuration');
    const optionLines = file('nicOptions') === undefined ? undefined : file('optionLines');
    if (configuration === undefined && optionLines === undefined) return;
    const text = configuration ?? configurationOf(dnsmasqService(root, networkId, ''));
    const options = (optionLines ?? '').split('\n').flatMap((line) => (line === '' ? [] : [`dhcp-option=${line}\n`]));
    await checkText(program, `${root}/${networkDirectory(networkId)}`, text + options.join(''), (path) => [
      '--test',
      `--conf-file=${path}`,
    ]);
  },
  // The log itself is made by dnsmasq.
  async prepare(root, networkId) {
    await mkdir(dirname(dnsmasqPlaces(root, networkId).log), { recursive: true, mode: 0o755 });
  },
  async refresh(_root, _networkId, hasNewFiles) {
    return hasNewFiles ? 'signal' : 'nothing';
  },
  correction(root, networkId, keeps) {
    const places = dnsmasqPlaces(root, networkId);
    return leaseLines(places).some((line) => isStale(line, keeps)) ? () => removeStaleLeases(places, keeps) : undefined;
  },
};

function dnsmasqService(root: string, networkId: string, namespace: string): Service {
  const places = dnsmasqPlaces(root, networkId);
  // One word: so the shell wrapper gives it, too, and by it a process is known.
  const ownArgument = `--conf-file=${places.configuration}`;
  const particular: Particular = {
    program,
    parameters: [ownArgument],
    takeOver: undefined,
    ownArgument,
    startText: (text) => text,
  };
  return serviceOf(particular, { root, networkId, namespace }, places);
}

/** Takes leases out of the lease file. Only while dnsmasq does not run: it has them in memory and writes the file anew. */
function removeStaleLeases(places: DnsmasqPlaces, keeps: KeepsLease): void {
  const left = leaseLines(places).filter((line) => !isStale(line, keeps));
  const temporary = `${places.directory}/${temporaryName()}`;
  writeFileSync(temporary, left.join('\n'), { mode: 0o600, flag: 'wx' });
  renameSync(temporary, places.leases);
}

/** A lease's line is `<expiry> <mac> <ip> <name> <client id>` (dnsmasq 2.90, lease.c, lease_update_file). */
function isStale(line: string, keeps: KeepsLease): boolean {
  const [, mac, ip] = line.split(' ', 3);
  return ip !== undefined && mac !== undefined && !keeps(ip, mac.toLowerCase());
}

function leaseLines({ leases }: DnsmasqPlaces): string[] {
  try {
    return readFileSync(leases, 'utf8').split('\n');
  } catch {
    return [];
  }
}
