/** What the guests of a network are told: addresses by DHCP, names by DNS. */

/** Settings of one network's DHCP and DNS. */
export interface NameService {
  readonly dhcp: boolean;
  /** `unset`: nobody has asked for it or against it yet; then the first name turns it on (CONTRACT §11.5). */
  readonly dns: 'unset' | 'on' | 'off';
  /** IPv4 addresses that guests are told after ours, and that questions about other names are passed on to. */
  readonly resolvers: readonly string[];
  readonly domain: string | undefined;
}

/** The fixed address of one NIC. */
export interface Lease {
  readonly networkId: string;
  /** As `parseMac` spells it. */
  readonly mac: string;
  readonly ip: string;
  /** Undefined also for a name that dnsmasq would take for something else, see {@link isLeaseName}. */
  readonly hostname: string | undefined;
  /** `network`: the network's gateway; `none`: a secondary NIC; else the address of this NIC's own router. */
  readonly router: string;
}

/** The name of one address. */
export interface GuestName {
  readonly networkId: string;
  readonly ip: string;
  /** The IPv6 address of the same guest, which has the same name; undefined when it has none that is known. */
  readonly ipv6Address: string | undefined;
  readonly hostname: string;
}

/** Further DHCP options of one NIC. */
export interface NicOptions {
  readonly networkId: string;
  /** Decimal id. */
  readonly nicId: string;
  /** The NIC's hardware address; undefined when there was no NIC they could be meant for. */
  readonly mac: string | undefined;
  /** By code, ascending, with the values as they were sent. */
  readonly options: readonly (readonly [code: number, value: string])[];
}

export const noNameService: NameService = { dhcp: false, dns: 'unset', resolvers: [], domain: undefined };

/** The name that always leads to the namespace itself: where guests find their metadata. */
export const dataServer = 'data-server';

/** What a lease, name or NIC is known by in a domain: ids hold no space. */
export function guestKey(networkId: string, own: string): string {
  return `${networkId} ${own}`;
}

/**
 * Whether a host name can stand in a host line: dnsmasq takes some words there for something else (2.90, option.c, one_opt, dhcp-host):
 * `ignore`, `infinite`, and digits with perhaps s, m, h, d or w after them for a time.
 */
export function isLeaseName(hostname: string): boolean {
  return !/^(?:ignore|infinite|[0-9]+[smhdw]?)$/i.test(hostname);
}

/** Those of a network, in their order. */
export function ofNetwork<T extends { readonly networkId: string }>(entries: Iterable<T>, networkId: string): T[] {
  const own: T[] = [];
  for (const entry of entries) if (entry.networkId === networkId) own.push(entry);
  return own;
}
