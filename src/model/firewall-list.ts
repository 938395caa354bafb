/** The rules of a firewall in one direction, in columns; see NetworkLists. */

import { formatAddress } from './address.js';
import { areEqualColumns, Column } from './column.js';
import { type NetworkLists, NetworkListsBuilder } from './network-lists.js';
import type { TextBytes } from './text-bytes.js';
import { formatProtocol, type Traffic } from './traffic.js';

/** What of a rule's traffic is given beside its protocol. */
const nothing = 0;
const ports = 1;
const icmpType = 2;
const icmpTypeAndCode = 3;

/** How `all` stands among protocol numbers. */
const allProtocols = -1;

/** Rules in their order. Never changed. */
export class FirewallList {
  /**
   * @param publicIps signed, as in NetworkLists; 0 where rules are not about public addresses
   * @param details which of the four kinds of traffic
   * @param lows first port, or ICMP type
   * @param highs last port, or ICMP code
   */
  constructor(
    private readonly publicIps: Int32Array,
    private readonly protocols: Int32Array,
    private readonly details: Uint8Array,
    private readonly lows: Int32Array,
    private readonly highs: Int32Array,
    readonly sources: NetworkLists,
    readonly destinations: NetworkLists,
  ) {}

  get count(): number {
    return this.protocols.length;
  }

  /** A signed number of 32 bits. */
  publicIp(rule: number): number {
    return this.publicIps[rule] ?? 0;
  }

  traffic(rule: number): Traffic {
    const number = this.protocols[rule] ?? allProtocols;
    const protocol = number === allProtocols ? 'all' : number;
    const low = this.lows[rule] ?? 0;
    const high = this.highs[rule] ?? 0;
    switch (this.details[rule]) {
      case ports:
        return { protocol, ports: { first: low, last: high } };
      case icmpType:
        return { protocol, icmp: { type: low, code: undefined } };
      case icmpTypeAndCode:
        return { protocol, icmp: { type: low, code: high } };
      default:
        return { protocol };
    }
  }

  /** The public addresses that rules are about, each once. */
  distinctPublicIps(): Set<string> {
    return new Set(Array.from(new Set(this.publicIps), formatAddress));
  }

  /** Writes the words for a rule's traffic: see formatTraffic. */
  writeTraffic(rule: number, into: TextBytes): void {
    const number = this.protocols[rule] ?? allProtocols;
    const detail = this.details[rule];
    const low = this.lows[rule] ?? 0;
    const high = this.highs[rule] ?? 0;
    into.text(formatProtocol(number === allProtocols ? 'all' : number));
    if (detail === nothing) return;
    into.text(' ').number(low);
    if (detail === ports && high !== low) into.text('-').number(high);
    if (detail === icmpTypeAndCode) into.text('/').number(high);
  }

  /** Whether another list has the same rules in the same order. */
  equals(other: FirewallList): boolean {
    return (
      areEqualColumns(this.publicIps, other.publicIps) &&
      areEqualColumns(this.protocols, other.protocols) &&
      areEqualColumns(this.details, other.details) &&
      areEqualColumns(this.lows, other.lows) &&
      areEqualColumns(this.highs, other.highs) &&
      this.sources.equals(other.sources) &&
      this.destinations.equals(other.destinations)
    );
  }
}

/** Makes a {@link FirewallList}: {@link add}, then one list of sources and one of destinations, for each rule. */
export class FirewallListBuilder {
  readonly #publicIps: Column<Int32Array>;
  readonly #protocols: Column<Int32Array>;
  readonly #details: Column<Uint8Array>;
  readonly #lows: Column<Int32Array>;
  readonly #highs: Column<Int32Array>;
  readonly sources: NetworkListsBuilder;
  readonly destinations: NetworkListsBuilder;

  /** @param rules how many there will be, as far as known */
  constructor(rules?: number) {
    this.#publicIps = new Column(Int32Array, rules);
    this.#protocols = new Column(Int32Array, rules);
    this.#details = new Column(Uint8Array, rules);
    this.#lows = new Column(Int32Array, rules);
    this.#highs = new Column(Int32Array, rules);
    this.sources = new NetworkListsBuilder(rules);
    this.destinations = new NetworkListsBuilder(rules);
  }

  /** @param publicIp 32 bits, signed or not; 0 when the rule is about none */
  add(publicIp: number, { protocol, ports: range, icmp }: Traffic): void {
    this.#publicIps.add(publicIp | 0);
    this.#protocols.add(protocol === 'all' ? allProtocols : protocol);
    if (range !== undefined) this.#detail(ports, range.first, range.last);
    else if (icmp === undefined) this.#detail(nothing, 0, 0);
    else if (icmp.code === undefined) this.#detail(icmpType, icmp.type, 0);
    else this.#detail(icmpTypeAndCode, icmp.type, icmp.code);
  }

  #detail(kind: number, low: number, high: number): void {
    this.#details.add(kind);
    this.#lows.add(low);
    this.#highs.add(high);
  }

  finish(): FirewallList {
    return new FirewallList(
      this.#publicIps.values,
      this.#protocols.values,
      this.#details.values,
      this.#lows.values,
      this.#highs.values,
      this.sources.finish(),
      this.destinations.finish(),
    );
  }
}
