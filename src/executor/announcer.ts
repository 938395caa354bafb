import { native } from '../kernel/native.js';

/** Milliseconds after the first announcement at which it is repeated: a switch or neighbour may have missed one. */
const repeats = [1_000, 2_000] as const;

/**
 * Tells neighbours, by gratuitous ARP, which MAC address an address has now. The caller does not wait for the repeats, and they do
 * not keep the process alive.
 */
export class Announcer {
  /** @param report told about announcements that could not be sent */
  constructor(private readonly report: (line: string) => void) {}

  /** @param links indexes of links in the namespace, with the addresses to announce on them */
  async announce(
    namespace: string,
    links: readonly { readonly interface: number; readonly address: string }[],
  ): Promise<void> {
    if (links.length === 0) return;
    await this.#send(namespace, links);
    for (const delay of repeats) setTimeout(() => void this.#repeat(namespace, links), delay).unref();
  }

  async #repeat(namespace: string, links: Parameters<Announcer['announce']>[1]): Promise<void> {
    // The network may have gone since.
    if (native.isNamespace(namespace)) await this.#send(namespace, links);
  }

  async #send(namespace: string, links: Parameters<Announcer['announce']>[1]): Promise<void> {
    try {
      for (const { index, code } of await native.announceAddresses(namespace, links)) {
        this.report(`gratuitous ARP for ${links[index]?.address} in ${namespace} was not sent: ${code}`);
      }
    } catch (error) {
      this.report(
        `gratuitous ARP in ${namespace} was not sent: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
