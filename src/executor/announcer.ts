import { native } from '../kernel/native.js';

/** Milliseconds after the first announcement at which it is repeated: a switch or neighbour may have missed one. */
const repeats = [1_000, 2_000] as const;

/** An address on a link, by the link's index in the namespace. */
export interface AnnouncedAddress {
  readonly interface: number;
  readonly address: string;
}

/**
 * Tells neighbours, by gratuitous ARP, which MAC address an address has now. Nobody waits for it: closing a packet socket takes
 * the kernel ~16 ms (it waits for all processors to have let go of it), and one announcement goes out after the other so that these
 * waits never keep more than one of the addon's threads. Repeats do not keep the process alive.
 */
export class Announcer {
  #last: Promise<void> = Promise.resolve();

  /** @param report told about announcements that could not be sent */
  constructor(private readonly report: (line: string) => void) {}

  announce(namespace: string, addresses: readonly AnnouncedAddress[]): void {
    if (addresses.length === 0) return;
    this.#enqueue(namespace, addresses);
    for (const delay of repeats) setTimeout(() => this.#enqueue(namespace, addresses), delay).unref();
  }

  #enqueue(namespace: string, addresses: readonly AnnouncedAddress[]): void {
    this.#last = this.#last.then(() => this.#send(namespace, addresses));
  }

  async #send(namespace: string, addresses: readonly AnnouncedAddress[]): Promise<void> {
    // The network may have gone since.
    if (!native.isNamespace(namespace)) return;
    try {
      for (const { index, code } of await native.announceAddresses(namespace, addresses)) {
        // Its link went, or is down: there is nobody to tell.
        if (code === 'ENODEV' || code === 'ENXIO' || code === 'ENETDOWN') continue;
        this.report(`gratuitous ARP for ${addresses[index]?.address} in ${namespace} was not sent: ${code}`);
      }
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.report(`gratuitous ARP in ${namespace} was not sent: ${words}`);
    }
  }
}
