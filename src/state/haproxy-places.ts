/** Where the files of a network's haproxy lie. The names are the shell wrapper's; only `haproxy.process` is our own. */

import { isIdentifier } from '../model/identifier.js';
import { networkDirectory } from './layout.js';

/** Absolute paths. */
export interface HaproxyPlaces {
  readonly directory: string;
  readonly configuration: string;
  readonly pid: string;
  /** Which process it is, by number and start time. */
  readonly process: string;
  /** Where haproxy takes commands, tells its state, and hands its listening sockets on. */
  readonly socket: string;
}

/** Relative to the state root. */
export function haproxyDirectory(networkId: string): string {
  return `${networkDirectory(networkId)}/haproxy`;
}

/** Relative to the state root. */
export function haproxyConfiguration(networkId: string): string {
  return `${haproxyDirectory(networkId)}/haproxy.cfg`;
}

/** The file of one rule, relative to the state root. */
export function ruleFile(networkId: string, ruleId: string): string {
  return `${haproxyDirectory(networkId)}/${ruleId}.json`;
}

/** The rule that a file of the directory is about; undefined for all other files. */
export function ruleIdOf(name: string): string | undefined {
  const id = name.endsWith('.json') ? name.slice(0, -'.json'.length) : '';
  return isIdentifier(id) ? id : undefined;
}

/** @param root the state root of the extension */
export function haproxyPlaces(root: string, networkId: string): HaproxyPlaces {
  const directory = `${root}/${haproxyDirectory(networkId)}`;
  return {
    directory,
    configuration: `${root}/${haproxyConfiguration(networkId)}`,
    pid: `${directory}/haproxy.pid`,
    process: `${directory}/haproxy.process`,
    socket: `${directory}/haproxy.sock`,
  };
}
