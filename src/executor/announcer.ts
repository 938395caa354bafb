import type { Kernel, RouteAccess } from './kernel.js';

/** Milliseconds after the first announcement at which it is repeated: a switch or neighbour may have missed one. */
const repeats = [1_000, 2_000] as const;

/** An address on a link inside a namespace. */
export interface AnnouncedAddress {
  readonly link: string;
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
  constructor(
    private readonly kernel: Kernel,
    private readonly report: (line: string) => void,
  ) {}

  /** @param route rtnetlink in the namespace, while it lives */
  announce(namespace: string, route: RouteAccess, addresses: readonly AnnouncedAddress[]): void {
    if (addresses.length === 0) return;
    const enqueue = () => {
      this.#last = this.#last.then(() => this.#send(namespace, route, addresses));
    };
    // Not before the answer, which is written in this turn of the event loop.
    setImmediate(enqueue);
    for (const delay of repeats) setTimeout(enqueue, delay).unref();
  }

  async #send(namespace: string, route: RouteAccess, addresses: readonly AnnouncedAddress[]): Promise<void> {
    // The network may have gone since.
    if (!this.kernel.isNamespace(namespace) || route.closed) return;
    try {
      const links = await route.linksNamed([...new Set(addresses.map(({ link }) => link))]);
      const announcements = addresses.flatMap(({ link, address }) => {
        const found = links.get(link);
        return found === undefined ? [] : [{ interface: found.index, address }];
      });
      for (const { index, code } of await this.kernel.announceAddresses(namespace, announcements)) {
        // Its link went, or is down: there is nobody to tell.
        if (code === 'ENODEV' || code === 'ENXIO' || code === 'ENETDOWN') continue;
        this.report(`gratuitous ARP for ${announcements[index]?.address} in ${namespace} was not sent: ${code}`);
      }
    } catch (error) {
      if (!this.kernel.isNamespace(namespace)) return;
      const words = error instanceof Error ? error.message : String(error);
      this.report(`gratuitous ARP in ${namespace} was not sent: ${words}`);
    }
  }
}
