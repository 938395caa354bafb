/** The networks of many rules, in columns: ten thousand rules with an object for each network would keep the garbage collector busy. */

import { ipv4Network } from '../address/ipv4-network.js';
import { formatCidr } from './address.js';
import { areEqualColumns, Column } from './column.js';
import { parseIpv6Cidr } from './ipv6.js';
import type { TextBytes } from './text-bytes.js';
import type { Cidr } from './values.js';

const noCidrs: readonly Cidr[] = [];

/** Lists of networks, one for each of many rules. A list is any network at all, or holds networks of both families, each once. */
export class NetworkLists {
  /** @param ipv6Lists only lists that have networks of IPv6, which are few */
  constructor(
    /** 1 for a list that is any. */
    private readonly anys: Uint8Array,
    /** Where the IPv4 networks of a list begin, one more than lists; that of a list that is any is 0.0.0.0/0. */
    private readonly starts: Int32Array,
    /** Host bits cleared. Signed, because the engine keeps larger numbers than 2^31 as objects. */
    private readonly addresses: Int32Array,
    private readonly prefixes: Uint8Array,
    private readonly ipv6Lists: ReadonlyMap<number, readonly Cidr[]>,
  ) {}

  isAny(list: number): boolean {
    return this.anys[list] === 1;
  }

  /** Place of a list's first network of IPv4. Of a list that is any that is 0.0.0.0/0. */
  first(list: number): number {
    return this.starts[list] ?? 0;
  }

  /** The place behind its last one. */
  end(list: number): number {
    return this.starts[list + 1] ?? 0;
  }

  /** A network's address: a signed number of 32 bits, host bits cleared. */
  address(place: number): number {
    return this.addresses[place] ?? 0;
  }

  prefix(place: number): number {
    return this.prefixes[place] ?? 0;
  }

  /** The networks of IPv6, host bits cleared. */
  ipv6(list: number): readonly Cidr[] {
    return this.ipv6Lists.get(list) ?? noCidrs;
  }

  /** Writes `any`, `none`, or the networks with commas between. */
  write(list: number, into: TextBytes): void {
    if (this.isAny(list)) {
      into.text('any');
      return;
    }
    const first = this.first(list);
    const end = this.end(list);
    for (let place = first; place < end; place++) {
      if (place > first) into.text(',');
      into.address(this.address(place)).text('/').number(this.prefix(place));
    }
    const ipv6 = this.ipv6(list).map(formatCidr).join(',');
    if (ipv6 !== '') into.text(first < end ? `,${ipv6}` : ipv6);
    else if (first === end) into.text('none');
  }

  /** Whether others are the same in the same order. */
  equals(other: NetworkLists): boolean {
    return (
      areEqualColumns(this.anys, other.anys) &&
      areEqualColumns(this.starts, other.starts) &&
      areEqualColumns(this.addresses, other.addresses) &&
      areEqualColumns(this.prefixes, other.prefixes) &&
      this.ipv6Lists.size === other.ipv6Lists.size &&
      [...this.ipv6Lists].every(
        ([list, cidrs]) => cidrs.map(formatCidr).join() === other.ipv6(list).map(formatCidr).join(),
      )
    );
  }
}

/** Makes {@link NetworkLists}: each list begins by {@link begin} or is {@link any}. */
export class NetworkListsBuilder {
  readonly #anys: Column<Uint8Array>;
  readonly #starts: Column<Int32Array>;
  readonly #addresses: Column<Int32Array>;
  readonly #prefixes: Column<Uint8Array>;
  readonly #ipv6Lists = new Map<number, Cidr[]>();

  /** @param lists how many there will be, as far as known. @param networks in all of them */
  constructor(lists?: number, networks?: number) {
    this.#anys = new Column(Uint8Array, lists);
    this.#starts = new Column(Int32Array, lists === undefined ? lists : lists + 1);
    this.#addresses = new Column(Int32Array, networks);
    this.#prefixes = new Column(Uint8Array, networks);
  }

  /** One more list, which is any network. */
  any(): void {
    this.#anys.add(1);
    this.#starts.add(this.#addresses.count);
    this.#addresses.add(0);
    this.#prefixes.add(0);
  }

  /** One more list, which has the networks that are added now. */
  begin(): void {
    this.#anys.add(0);
    this.#starts.add(this.#addresses.count);
  }

  /** Adds a network to the list that was begun, unless it is there. @param value 32 bits, signed or not, host bits cleared */
  addIpv4(value: number, prefix: number): void {
    const address = value | 0;
    // Lists are short: mostly one network, seldom ten.
    for (let place = this.#starts.at(this.#starts.count - 1); place < this.#addresses.count; place++) {
      if (this.#addresses.at(place) === address && this.#prefixes.at(place) === prefix) return;
    }
    this.#addresses.add(address);
    this.#prefixes.add(prefix);
  }

  /** Adds what a text says to the list that was begun: a CIDR, or an address, of either family. @returns false when it says neither */
  addText(text: string): boolean {
    const ipv4 = ipv4Network(text);
    if (ipv4 !== undefined) {
      this.addIpv4(ipv4.address, ipv4.prefix);
      return true;
    }
    const ipv6 = parseIpv6Cidr(text);
    if (ipv6 === undefined) return false;
    const list = this.#anys.count - 1;
    const known = this.#ipv6Lists.get(list);
    if (known === undefined) this.#ipv6Lists.set(list, [ipv6]);
    else if (!known.some(({ address, prefix }) => address === ipv6.address && prefix === ipv6.prefix)) known.push(ipv6);
    return true;
  }

  /** Adds a list as {@link NetworkLists.write} writes it. @returns false when it is none */
  addList(text: string): boolean {
    if (text === 'any') {
      this.any();
      return true;
    }
    this.begin();
    return text === 'none' || text.split(',').every((network) => this.addText(network));
  }

  finish(): NetworkLists {
    this.#starts.add(this.#addresses.count);
    return new NetworkLists(
      this.#anys.values,
      this.#starts.values,
      this.#addresses.values,
      this.#prefixes.values,
      this.#ipv6Lists,
    );
  }
}
