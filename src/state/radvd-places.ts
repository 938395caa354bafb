/** Where the files of a network's radvd lie. The names are the shell wrapper's; only `radvd.process` is our own. */

import { networkDirectory } from './layout.js';
import { serviceLog } from './service-log.js';

/** Absolute paths. */
export interface RadvdPlaces {
  readonly configuration: string;
  readonly pid: string;
  /** Which process it is, by number and start time. */
  readonly process: string;
  readonly log: string;
}

/** Relative to the state root. */
export function radvdDirectory(networkId: string): string {
  return `${networkDirectory(networkId)}/radvd`;
}

/** Relative to the state root. */
export function radvdConfiguration(networkId: string): string {
  return `${radvdDirectory(networkId)}/radvd.conf`;
}

/** @param root the state root of the extension; its last name is the extension's. */
export function radvdPlaces(root: string, networkId: string): RadvdPlaces {
  const directory = `${root}/${radvdDirectory(networkId)}`;
  return {
    configuration: `${root}/${radvdConfiguration(networkId)}`,
    pid: `${directory}/radvd.pid`,
    process: `${directory}/radvd.process`,
    log: serviceLog(root, 'radvd', networkId),
  };
}
