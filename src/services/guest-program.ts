import type { Domain } from '../model/domain.js';
import type { Service } from './service.js';

/** What is left to be done about a process that runs with an older version of its files. */
export type Outstanding = 'nothing' | 'signal' | 'start';

/** The content that a file will have, by its path relative to the state root; undefined when it stays as it is. */
export type Edited = (path: string) => string | undefined;

/** Whether a lease stays. */
export type KeepsLease = (ip: string, mac: string) => boolean;

/** What is particular to one of the programs that serve guests, one process for each network. */
export interface GuestProgram {
  /** Name of its services. */
  readonly name: 'dnsmasq' | 'haproxy' | 'radvd';

  /** @param root the state root of the extension */
  service(root: string, networkId: string, namespace: string): Service;

  /** Where the files lie that it reads, relative to the state root. */
  directory(networkId: string): string;

  /** Whether it is to run for a network, by the model. */
  isWanted(domain: Domain, networkId: string): boolean;

  /** Whether it is to run, by its configuration, and the link in the namespace that it cannot do without, if any. */
  demands(configuration: string): { readonly isRunning: boolean; readonly link: string | undefined };

  /**
   * Looks at what it is about to read.
   *
   * @throws ServiceError with what the program said, or that it is not installed
   */
  check(root: string, networkId: string, edited: Edited): Promise<void>;

  /** Makes what it needs to start. */
  prepare(root: string, networkId: string): Promise<void>;

  /**
   * Has a process take over what of its files can be taken over while it runs.
   *
   * @param hasNewFiles whether they are others than when it last read them, as far as is known
   */
  refresh(root: string, networkId: string, hasNewFiles: boolean): Promise<Outstanding>;

  /** What is to be done to files that it writes itself, which can be done only while it does not run; undefined for nothing. */
  correction(root: string, networkId: string, keeps: KeepsLease): (() => void) | undefined;
}
