import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
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
  /** Further parameters by which a new process takes over from a running one; undefined when that one has to end first. */
  readonly takeOver: ((running: ProcessRecord) => readonly string[]) | undefined;
  /** Absolute paths. */
  readonly configurationFile: string;
  /** What of the configuration's text only a new start takes over. */
  readonly startText: (text: string) => string;
  readonly pidFile: string;
  readonly recordFile: string;
  /** One of the arguments it was started with, also by the shell wrapper, that no other process has. */
  readonly ownArgument: string;
}

/** What is particular to a program; the rest follows from where it runs and where it has its files. */
export type Particular = Pick<Service, 'program' | 'parameters' | 'takeOver' | 'ownArgument' | 'startText'>;

/** Whom a program serves. */
interface Served {
  /** The state root. */
  readonly root: string;
  readonly networkId: string;
  readonly namespace: string;
}

/** Absolute paths. */
interface Places {
  readonly configuration: string;
  readonly pid: string;
  readonly process: string;
}

/** A program of one network as a service. */
export function serviceOf(particular: Particular, { root, networkId, namespace }: Served, places: Places): Service {
  return {
    ...particular,
    name: particular.program.name,
    extension: basename(root),
    networkId,
    namespace,
    configurationFile: places.configuration,
    pidFile: places.pid,
    recordFile: places.process,
  };
}

/** The process of a service that was found. */
export interface Running extends ProcessRecord {
  /** Whether it is in the namespace that has the network's name now. */
  readonly isInside: boolean;
}

/** The configuration of a service as it is on disk; empty when there is none. */
export function configurationOf({ configurationFile }: Pick<Service, 'configurationFile'>): string {
  try {
    return readFileSync(configurationFile, 'utf8');
  } catch {
    return '';
  }
}

/** What is told apart from all other services of a host. */
export function serviceKey({ extension, name, networkId }: Service): string {
  return `${extension} ${name} ${networkId}`;
}
