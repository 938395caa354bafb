import { type Gateway, type HostBridge, type InsideAddress, type Links, noLinks, type VethPair } from './plan.js';

type DefaultRoute = Links['defaultRoute'];
type HostRoute = Links['hostRoutes'][number];

const keyOfAddress = ({ link, address }: InsideAddress) => `${link} ${address}`;
const keyOfRoute = ({ address }: HostRoute) => address;
const ownName = (name: string) => name;

/** What several plans, each made for what is there after those before it, want of links, addresses and routes. */
export class MergedLinks {
  readonly #bridges = new Wanted<HostBridge>(({ bridge }) => bridge);
  readonly #pairs = new Wanted<VethPair>(({ host }) => host);
  readonly #removedPairs = new Wanted<string>(ownName);
  readonly #addresses = new Wanted<InsideAddress>(keyOfAddress);
  readonly #removedAddresses = new Wanted<InsideAddress>(keyOfAddress);
  readonly #ipv6Links = new Wanted<string>(ownName);
  readonly #hostRoutes = new Wanted<HostRoute>(keyOfRoute);
  readonly #removedHostRoutes = new Wanted<HostRoute>(keyOfRoute);
  #defaultRoute: DefaultRoute;

  /** Whether the links of one more plan can be added: neither takes away what the other wants. */
  fits(links: Links): boolean {
    if (links === noLinks) return true;
    return (
      this.#bridges.fits(links.bridges) &&
      this.#pairs.fits(links.pairs) &&
      this.#addresses.fits(links.addresses) &&
      this.#hostRoutes.fits(links.hostRoutes) &&
      !links.pairs.some(({ host }) => this.#removedPairs.has(host)) &&
      !links.removedPairs.some((host) => this.#pairs.has(host)) &&
      !links.addresses.some((one) => this.#removedAddresses.has(keyOfAddress(one))) &&
      !links.removedAddresses.some((one) => this.#addresses.has(keyOfAddress(one))) &&
      !links.hostRoutes.some((one) => this.#removedHostRoutes.has(keyOfRoute(one))) &&
      !links.removedHostRoutes.some((one) => this.#hostRoutes.has(keyOfRoute(one)))
    );
  }

  /** Adds what fits. */
  add(links: Links): void {
    // Nearly all plans of a burst.
    if (links === noLinks) return;
    this.#bridges.add(links.bridges);
    this.#pairs.add(links.pairs);
    this.#removedPairs.add(links.removedPairs);
    this.#addresses.add(links.addresses);
    this.#removedAddresses.add(links.removedAddresses);
    this.#ipv6Links.add(links.ipv6Links);
    this.#hostRoutes.add(links.hostRoutes);
    this.#removedHostRoutes.add(links.removedHostRoutes);
    this.#defaultRoute = follow(this.#defaultRoute, links.defaultRoute);
  }

  get links(): Links {
    return {
      bridges: this.#bridges.all,
      pairs: this.#pairs.all,
      removedPairs: this.#removedPairs.all,
      addresses: this.#addresses.all,
      removedAddresses: this.#removedAddresses.all,
      ipv6Links: this.#ipv6Links.all,
      hostRoutes: this.#hostRoutes.all,
      removedHostRoutes: this.#removedHostRoutes.all,
      defaultRoute: this.#defaultRoute,
    };
  }
}

/** A list in which each thing is once. */
class Wanted<Item> {
  readonly #items = new Map<string, Item>();

  constructor(private readonly keyOf: (item: Item) => string) {}

  get all(): Item[] {
    return [...this.#items.values()];
  }

  has(key: string): boolean {
    return this.#items.has(key);
  }

  /** Whether nothing else is said about one of these already. */
  fits(items: readonly Item[]): boolean {
    return items.every((item) => {
      const other = this.#items.get(this.keyOf(item));
      return other === undefined || JSON.stringify(other) === JSON.stringify(item);
    });
  }

  add(items: readonly Item[]): void {
    for (const item of items) this.#items.set(this.keyOf(item), item);
  }
}

/** The later one knows all addresses. Where it leaves a good route as it is, that is the one which the former would have made. */
function follow(former: DefaultRoute, later: DefaultRoute): DefaultRoute {
  if (former === undefined || later === undefined) return later ?? former;
  if (!later.keep) return later;
  const isAmong = ({ candidates }: NonNullable<DefaultRoute>, { gateway, link }: Gateway) =>
    candidates.some((one) => one.gateway === gateway && one.link === link);
  return {
    keep: former.keep,
    candidates: [
      ...former.candidates.filter((one) => isAmong(later, one)),
      ...later.candidates.filter((one) => !isAmong(former, one)),
    ],
  };
}
