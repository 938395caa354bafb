import type { ProcessRecord } from './process-record.js';
import type { Program } from './programs.js';

/**
 * A program that serves the guests of one network from inside its namespace. It goes into the background by itself and writes a pid file, as
 * dnsmasq, haproxy and radvd do.
 */
export interface Service {
  /** The name it has in messages and in the status. */
  readonly name: string;
  /** Name of the extension whose network it is. */
  readonly extension: string;
  readonly networkId: string;
  /** Name of the network namespace. */
  readonly namespace: string;
  readonly program: Program;
  readonly parameters: readonly string[];
  /** Absolute paths. */
  readonly configurationFile: string;
  readonly pidFile: string;
  readonly recordFile: string;
  /** One of the arguments it was started with, also by the shell wrapper, that no other process has. */
  readonly ownArgument: string;
}

/** The process of a service that was found. */
export interface Running extends ProcessRecord {
  /** Whether it is in the namespace that has the network's name now. */
  readonly isInside: boolean;
}

/** What is told apart from all other services of a host. */
export function serviceKey({ extension, name, networkId }: Service): string {
  return `${extension} ${name} ${networkId}`;
}
