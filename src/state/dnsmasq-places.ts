/** Where the files of a network's dnsmasq lie. The names are the shell wrapper's; `nic-options` and `leases` are our own. */

import { networkDirectory } from './layout.js';
import { serviceLog } from './service-log.js';

/** Absolute paths. */
export interface DnsmasqPlaces {
  readonly directory: string;
  readonly configuration: string;
  readonly hostLines: string;
  readonly optionLines: string;
  readonly names: string;
  readonly leases: string;
  readonly pid: string;
  /** Which process it is, by number and start time. */
  readonly process: string;
  readonly log: string;
}

/** File names inside {@link dnsmasqDirectory}. */
export const dnsmasqFiles = {
  configuration: 'dnsmasq.conf',
  hostLines: 'dhcp-hosts',
  optionLines: 'dhcp-opts',
  names: 'hosts',
  nicOptions: 'nic-options',
} as const;

/** Relative to the state root. */
export function dnsmasqDirectory(networkId: string): string {
  return `${networkDirectory(networkId)}/dnsmasq`;
}

/** @param root the state root of the extension; its last name is the extension's. */
export function dnsmasqPlaces(root: string, networkId: string): DnsmasqPlaces {
  const directory = `${root}/${dnsmasqDirectory(networkId)}`;
  return {
    directory,
    configuration: `${directory}/${dnsmasqFiles.configuration}`,
    hostLines: `${directory}/${dnsmasqFiles.hostLines}`,
    optionLines: `${directory}/${dnsmasqFiles.optionLines}`,
    names: `${directory}/${dnsmasqFiles.names}`,
    leases: `${directory}/leases`,
    pid: `${directory}/dnsmasq.pid`,
    process: `${directory}/dnsmasq.process`,
    log: serviceLog(root, 'dnsmasq', networkId),
  };
}
