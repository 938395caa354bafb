/**
 * Matches of one form: those that ask for the same fields, with networks of the same length. They are looked up all at once, in one
 * set whose keys are these fields with the addresses masked (a tuple space, after Srinivasan, Suri and Varghese, SIGCOMM 1999).
 *
 * Why not one set of concatenated intervals for everything, which nf_tables has (pipapo)? Measured on Linux 6.18 with 10,000 firewall rules:
 * 300 ms to load, 7 s to flush, and growing with the square; a hash set takes 1.5 µs an element at any size. A list of
 * rules has few network lengths, so a packet is looked up a handful of times. Only port ranges need intervals, and within a group they
 * never overlap, which pipapo asks for: networks of equal length are the same or apart, and the ranges of the same ones are united.
 */

import type { Element } from '../kernel/nft/elements.js';
import type { NamedSet } from '../kernel/nft/set.js';
import type { TypeName, Value } from '../kernel/nft/type.js';
import { formatAddress, parseAddress } from '../model/address.js';
import { ipv6Network } from '../model/ipv6.js';
import { icmpProtocol, icmpv6Protocol } from '../model/traffic.js';
import type { Cidr, PortRange } from '../model/values.js';
import type { Match } from './match.js';
import type { SetContent } from './ruleset.js';
import type { Family } from './tables.js';

/** What of the traffic is asked for. */
export type Shape = 'port' | 'range' | 'protocol' | 'all' | 'icmp' | 'icmp_type';

/** A packet, or the first one of a connection. */
export interface Packet {
  readonly protocol: number;
  readonly source: string;
  /** Before DNAT where the list is asked before it, else after it. */
  readonly destination: string;
  /** Of protocols with ports. */
  readonly destinationPort?: number | undefined;
  readonly icmp?: { readonly type: number; readonly code: number } | undefined;
}

/** A field of a group's key. */
export interface KeyField {
  readonly field: 'publicIp' | 'protocol' | 'port' | 'icmpType' | 'icmpCode' | 'source' | 'destination';
  readonly type: TypeName;
  /** Of a network, in bits. */
  readonly length?: number;
}

interface Entry {
  /** Values of the fields, without the ports of a range. */
  readonly key: readonly Value[];
  /** One of the matches this came from. */
  readonly match: Match;
  /** Ports of the matches with this key, in the shape `range`. */
  readonly ranges: PortRange[] | undefined;
}

/** Most elements of an interval set. In lists with many ranges of one network the time to load one grows with its square. */
const mostRanges = 4096;

export class MatchGroup {
  readonly #entries = new Map<string, Entry>();
  readonly fields: readonly KeyField[];
  /** Those whose values tell an entry from another. */
  readonly #keyFields: readonly KeyField[];

  private constructor(
    private readonly family: Family,
    readonly shape: Shape,
    readonly sourceLength: number,
    readonly destinationLength: number,
    hasPublicIp: boolean,
  ) {
    const network = (field: 'source' | 'destination', length: number): KeyField[] =>
      length === 0 ? [] : [{ field, type: family === 'ip' ? 'ipv4_addr' : 'ipv6_addr', length }];
    const fields: KeyField[] = [
      ...(hasPublicIp ? [{ field: 'publicIp', type: 'ipv4_addr' } as const] : []),
      ...trafficFields[family][shape],
      ...network('source', sourceLength),
      ...network('destination', destinationLength),
    ];
    // An interval set is searched field by field, and the next field only among what is left: what tells most apart comes first.
    // Measured with 10,000 rules: a new connection takes 1.04 times as long as with 10, the other way round 1.9 times.
    this.fields = shape === 'range' ? fields.reverse() : fields;
    this.#keyFields = shape === 'range' ? this.fields.filter(({ field }) => field !== 'port') : this.fields;
  }

  /** Sorts matches of one family into groups, in an order that does not depend on that of the matches. */
  static group(matches: readonly Match[], family: Family): MatchGroup[] {
    const groups = new Map<number, MatchGroup>();
    for (const match of matches) {
      const shape = shapeOf(match);
      const source = match.source?.prefix ?? 0;
      const destination = match.destination?.prefix ?? 0;
      const id = (shapes.indexOf(shape) * lengths + source) * lengths + destination;
      let group = groups.get(id);
      if (group === undefined) {
        group = new MatchGroup(family, shape, source, destination, match.publicIp !== undefined);
        groups.set(id, group);
      }
      group.#add(match);
    }
    return [...groups.values()].sort(
      (one, other) =>
        shapes.indexOf(one.shape) - shapes.indexOf(other.shape) ||
        other.sourceLength - one.sourceLength ||
        other.destinationLength - one.destinationLength,
    );
  }

  /** Name of the group, unique in its list: `port`, `range_s24`, `all_s32_d16`. */
  get name(): string {
    const part = (letter: string, length: number) => (length === 0 ? '' : `_${letter}${length}`);
    return `${this.shape}${part('s', this.sourceLength)}${part('d', this.destinationLength)}`;
  }

  /** Different matches, once overlapping ranges are united. */
  get size(): number {
    let size = 0;
    for (const { ranges } of this.#entries.values()) size += ranges === undefined ? 1 : united(ranges).length;
    return size;
  }

  /** Tells the group from others of the same form. */
  get signature(): string {
    const texts: string[] = [];
    for (const [id, { ranges }] of this.#entries) {
      if (ranges === undefined) texts.push(id);
      else for (const { first, last } of united(ranges)) texts.push(`${id} ${first}-${last}`);
    }
    return texts.join('\n');
  }

  /** The matches one by one. */
  matches(): Match[] {
    return [...this.#entries.values()].flatMap(({ match, ranges }) =>
      ranges === undefined
        ? [match]
        : united(ranges).map((ports) => ({ ...match, traffic: { ...match.traffic, ports } })),
    );
  }

  /** The sets that hold the group: several when there are many ranges. */
  sets(table: NamedSet['table'], name: string): SetContent[] {
    const key = this.fields.map((field) => field.type);
    if (this.shape !== 'range') {
      const elements = Array.from(this.#entries.values(), (entry) => ({ key: entry.key }));
      // With a size the kernel takes a table of fixed width, which is filled twice as fast as one that grows.
      const set: NamedSet = { object: 'set', table, name, key, size: elements.length };
      return [{ set, elements, signature: this.signature }];
    }
    const place = this.fields.findIndex(({ field }) => field === 'port');
    const elements: Element[] = [];
    const signatures: string[] = [];
    for (const [id, { key: rest, ranges = [] }] of this.#entries) {
      for (const { first, last } of united(ranges)) {
        elements.push({ key: rest.toSpliced(place, 0, first), end: rest.toSpliced(place, 0, last) });
        signatures.push(`${id} ${first}-${last}`);
      }
    }
    const sets: SetContent[] = [];
    for (let start = 0; start < elements.length; start += mostRanges) {
      const part = sets.length === 0 ? name : `${name}_${sets.length + 1}`;
      sets.push({
        set: { object: 'set', table, name: part, key, interval: true },
        elements: elements.slice(start, start + mostRanges),
        signature: signatures.slice(start, start + mostRanges).join('\n'),
      });
    }
    return sets;
  }

  /** Whether a packet is one of those that are meant. */
  has(packet: Packet): boolean {
    const ownIcmp = this.family === 'ip' ? icmpProtocol : icmpv6Protocol;
    if ((this.shape === 'icmp' || this.shape === 'icmp_type') && packet.protocol !== ownIcmp) return false;
    const key = this.#keyFields.map(({ field, length }) => packetValue(this.family, packet, field, length));
    if (key.includes(undefined)) return false;
    const entry = this.#entries.get(key.join(' '));
    if (entry?.ranges === undefined) return entry !== undefined;
    const port = packet.destinationPort;
    return port !== undefined && entry.ranges.some(({ first, last }) => first <= port && port <= last);
  }

  #add(match: Match): void {
    const { ports } = match.traffic;
    const key = this.#keyFields.map(({ field }) => matchValue(match, field));
    // In one go: to put it together word by word would leave a text behind for each.
    const id = key.join(' ');
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      this.#entries.set(id, {
        key,
        match,
        ranges: this.shape === 'range' && ports !== undefined ? [ports] : undefined,
      });
    } else if (ports !== undefined) {
      entry.ranges?.push(ports);
    }
  }
}

/** In the order they are asked. */
const shapes: readonly Shape[] = ['port', 'range', 'protocol', 'all', 'icmp', 'icmp_type'];

/** Lengths that a network of either family can have. */
const lengths = 129;

const protocolField = { field: 'protocol', type: 'inet_proto' } as const;
const portField = { field: 'port', type: 'inet_service' } as const;

const fieldsOfTraffic = (icmpType: TypeName, icmpCode: TypeName): Readonly<Record<Shape, readonly KeyField[]>> => ({
  port: [protocolField, portField],
  range: [protocolField, portField],
  protocol: [protocolField],
  all: [],
  icmp: [
    { field: 'icmpType', type: icmpType },
    { field: 'icmpCode', type: icmpCode },
  ],
  icmp_type: [{ field: 'icmpType', type: icmpType }],
});

const trafficFields: Readonly<Record<Family, ReturnType<typeof fieldsOfTraffic>>> = {
  ip: fieldsOfTraffic('icmp_type', 'icmp_code'),
  ip6: fieldsOfTraffic('icmpv6_type', 'icmpv6_code'),
};

function shapeOf({ traffic: { protocol, ports, icmp } }: Match): Shape {
  if (ports !== undefined) return ports.first === ports.last ? 'port' : 'range';
  if (icmp !== undefined) return icmp.code === undefined ? 'icmp_type' : 'icmp';
  return protocol === 'all' ? 'all' : 'protocol';
}

/** The value a match asks for; each field is only in groups whose matches have it. */
function matchValue({ traffic, publicIp, source, destination }: Match, field: KeyField['field']): Value {
  switch (field) {
    case 'publicIp':
      return publicIp ?? '';
    case 'protocol':
      return traffic.protocol;
    case 'port':
      return traffic.ports?.first ?? 0;
    case 'icmpType':
      return traffic.icmp?.type ?? 0;
    case 'icmpCode':
      return traffic.icmp?.code ?? 0;
    case 'source':
      return source?.address ?? '';
    case 'destination':
      return destination?.address ?? '';
  }
}

function packetValue(
  family: Family,
  packet: Packet,
  field: KeyField['field'],
  length: number | undefined,
): Value | undefined {
  switch (field) {
    case 'publicIp':
      return packet.destination;
    case 'protocol':
      return packet.protocol;
    case 'port':
      return packet.destinationPort;
    case 'icmpType':
      return packet.icmp?.type;
    case 'icmpCode':
      return packet.icmp?.code;
    case 'source':
    case 'destination':
      return masked(family, packet[field], length);
  }
}

function masked(family: Family, address: string, length: Cidr['prefix'] = 0): string {
  if (family === 'ip6') return length === 128 ? address : ipv6Network(address, length);
  if (length === 32) return address;
  const value = parseAddress(address) ?? 0;
  return formatAddress((value & (-1 << (32 - length))) >>> 0);
}

/** Ranges in order, those that overlap or touch made one. */
function united(ranges: readonly PortRange[]): PortRange[] {
  if (ranges.length === 1) return [...ranges];
  const result: PortRange[] = [];
  for (const range of [...ranges].sort((one, other) => one.first - other.first)) {
    const last = result.at(-1);
    if (last === undefined || range.first > last.last + 1) result.push(range);
    else if (range.last > last.last) result[result.length - 1] = { first: last.first, last: range.last };
  }
  return result;
}
