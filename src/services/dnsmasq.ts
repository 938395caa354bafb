/** dnsmasq of one network as a service. */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type DnsmasqPlaces, dnsmasqPlaces } from '../state/dnsmasq-places.js';
import { temporaryName } from '../state/temporary-name.js';
import { type Program, run } from './programs.js';
import type { Service } from './service.js';

const program: Program = { name: 'dnsmasq', package: 'dnsmasq-base' };

/** @param root the state root of the extension */
export function dnsmasqService(root: string, networkId: string, namespace: string): Service {
  const places = dnsmasqPlaces(root, networkId);
  // One word: so the shell wrapper gives it, too, and by it a process is known.
  const ownArgument = `--conf-file=${places.configuration}`;
  return {
    name: 'dnsmasq',
    extension: basename(root),
    networkId,
    namespace,
    program,
    parameters: [ownArgument],
    ownArgument,
    configurationFile: places.configuration,
    pidFile: places.pid,
    recordFile: places.process,
  };
}

/**
 * Has dnsmasq look at a configuration before it takes the place of the one that is in force. Lines of the options file are checked with it:
 * dnsmasq itself only logs those that it does not understand.
 *
 * @param directory where the text is put for the check; must exist
 * @throws ServiceError with what dnsmasq said
 */
export async function checkConfiguration(directory: string, text: string, optionLines = ''): Promise<void> {
  const path = `${directory}/${temporaryName()}`;
  const options = optionLines.split('\n').flatMap((line) => (line === '' ? [] : [`dhcp-option=${line}\n`]));
  try {
    writeFileSync(path, text + options.join(''), { mode: 0o600, flag: 'wx' });
    await run(program, ['--test', `--conf-file=${path}`]);
  } finally {
    rmSync(path, { force: true });
  }
}

/** The directory of the log; the file itself is made by dnsmasq. */
export async function prepareLog({ log }: DnsmasqPlaces): Promise<void> {
  await mkdir(dirname(log), { recursive: true, mode: 0o755 });
}

/** Whether a lease stays. Its line is `<expiry> <mac> <ip> <name> <client id>` (dnsmasq 2.90, lease.c, lease_update_file). */
export type KeepsLease = (ip: string, mac: string) => boolean;

/** Whether the lease file of a network has a lease that does not stay. */
export function hasStaleLease(places: DnsmasqPlaces, keeps: KeepsLease): boolean {
  return leaseLines(places).some((line) => isStale(line, keeps));
}

/** Takes leases out of the lease file. Only while dnsmasq does not run: it has them in memory and writes the file anew. */
export function removeStaleLeases(places: DnsmasqPlaces, keeps: KeepsLease): void {
  const lines = leaseLines(places);
  const left = lines.filter((line) => !isStale(line, keeps));
  if (left.length === lines.length) return;
  const temporary = `${places.directory}/${temporaryName()}`;
  writeFileSync(temporary, left.join('\n'), { mode: 0o600, flag: 'wx' });
  renameSync(temporary, places.leases);
}

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
