import { isIPv6 } from 'node:net';
import { ipv6Bytes, ipv6Text } from '../address/bytes.js';
import type { Operation } from './operation.js';

/** One direction of a connection. */
export interface Tuple {
  readonly source: string;
  readonly destination: string;
  /** IP protocol number. */
  readonly protocol: number;
  /** Of TCP, UDP and whatever has ports. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** Of ICMP and ICMPv6. */
  readonly icmp?: { readonly type: number; readonly code: number; readonly id: number };
}

/** One direction of a connection, as far as it is to be compared. Ports need the protocol. */
export type TupleFilter = Partial<Omit<Tuple, 'icmp'>>;

/** Which tracked connections are meant: all of `original` and `reply` that is given must agree. */
export interface ConnectionFilter {
  /** That of the addresses when absent, and `inet` without addresses. */
  readonly family?: 'inet' | 'inet6';
  /** The direction of the first packet, before NAT. */
  readonly original?: TupleFilter;
  /** The direction of the answers, as they arrive: its destination is the address after source NAT. */
  readonly reply?: TupleFilter;
  /** Inclusive range for the original destination port. The kernel compares no ranges: this is done here, after listing. */
  readonly destinationPorts?: { readonly first: number; readonly last: number };
}

/** A tracked connection. */
export interface Connection {
  readonly family: 'inet' | 'inet6';
  readonly original: Tuple;
  readonly reply: Tuple;
  /** IPS_* bits of linux/netfilter/nf_conntrack_common.h. */
  readonly status: number;
  /** Seconds until it is forgotten if nothing more is seen of it. */
  readonly timeout: number;
  readonly mark: number;
  readonly id: number;
  /** Conntrack zone, where it is not 0. */
  readonly zone?: number;
}

/** CTA_FILTER_F_* of net/netfilter/nf_conntrack_netlink.c (the bits of CTA_FILTER_ORIG_FLAGS and _REPLY_FLAGS). */
const CTA_FILTER_F_CTA_IP_SRC = 1 << 0;
const CTA_FILTER_F_CTA_IP_DST = 1 << 1;
const CTA_FILTER_F_CTA_PROTO_NUM = 1 << 3;
const CTA_FILTER_F_CTA_PROTO_SRC_PORT = 1 << 4;
const CTA_FILTER_F_CTA_PROTO_DST_PORT = 1 << 5;

/** The header's family is a number here: AF_INET, AF_INET6. */
const families = { inet: 2, inet6: 10 } as const;

function flags(tuple: TupleFilter | undefined): number {
  return (
    (tuple?.source === undefined ? 0 : CTA_FILTER_F_CTA_IP_SRC) |
    (tuple?.destination === undefined ? 0 : CTA_FILTER_F_CTA_IP_DST) |
    (tuple?.protocol === undefined ? 0 : CTA_FILTER_F_CTA_PROTO_NUM) |
    (tuple?.sourcePort === undefined ? 0 : CTA_FILTER_F_CTA_PROTO_SRC_PORT) |
    (tuple?.destinationPort === undefined ? 0 : CTA_FILTER_F_CTA_PROTO_DST_PORT)
  );
}

function familyOf(filter: ConnectionFilter): 'inet' | 'inet6' {
  const { original, reply } = filter;
  const sample = original?.source ?? original?.destination ?? reply?.source ?? reply?.destination;
  return filter.family ?? (sample !== undefined && isIPv6(sample) ? 'inet6' : 'inet');
}

function tupleBody(family: 'inet' | 'inet6', tuple: TupleFilter | Tuple | undefined): object | undefined {
  if (tuple === undefined) return undefined;
  const { source, destination, protocol, sourcePort, destinationPort } = tuple;
  const icmp = 'icmp' in tuple ? tuple.icmp : undefined;
  return {
    ip: family === 'inet' ? { source, destination } : { source6: source, destination6: destination },
    protocol:
      protocol === undefined
        ? undefined
        : {
            number: protocol,
            sourcePort,
            destinationPort,
            ...(icmp === undefined
              ? {}
              : family === 'inet'
                ? { icmpType: icmp.type, icmpCode: icmp.code, icmpId: icmp.id }
                : { icmp6Type: icmp.type, icmp6Code: icmp.code, icmp6Id: icmp.id }),
          },
  };
}

function words(filter: ConnectionFilter): string {
  return `connections ${JSON.stringify(filter)}`;
}

/**
 * What of a direction the kernel is to compare. Not the addresses of IPv6: ctnetlink_filter_match_tuple() of
 * net/netfilter/nf_conntrack_netlink.c (seen in Linux 6.18) has that comparison the wrong way round and finds all the others.
 */
function kernelPart(family: 'inet' | 'inet6', tuple: TupleFilter | undefined): TupleFilter | undefined {
  if (family === 'inet' || tuple === undefined) return tuple;
  const { source, destination, ...others } = tuple;
  return others;
}

/** Whether the kernel can be asked for exactly the connections of a filter. */
export function comparedInKernel(filter: ConnectionFilter): boolean {
  const { original, reply } = filter;
  const addresses = [original?.source, original?.destination, reply?.source, reply?.destination];
  const hasAddress = addresses.some((address) => address !== undefined);
  return filter.destinationPorts === undefined && !(familyOf(filter) === 'inet6' && hasAddress);
}

function filterBody(filter: ConnectionFilter): object {
  const family = familyOf(filter);
  const original = kernelPart(family, filter.original);
  const reply = kernelPart(family, filter.reply);
  return {
    family: families[family],
    original: tupleBody(family, original),
    reply: tupleBody(family, reply),
    filter: { originalFlags: flags(original), replyFlags: flags(reply) },
  };
}

/** IPCTNL_MSG_CT_DELETE of all connections a filter fits: one request, compared in the kernel (Linux 6.9). */
export function deleteConnections(filter: ConnectionFilter): Operation {
  return { message: 'connection.delete', flags: 0, body: filterBody(filter), verb: 'delete', subject: words(filter) };
}

/** IPCTNL_MSG_CT_GET of all connections a filter fits (Linux 5.8). */
export function listConnections(filter: ConnectionFilter): Operation {
  return { message: 'connection.get', flags: 0, body: filterBody(filter), verb: 'list', subject: words(filter) };
}

/** An address as the kernel's answers are written here. */
function canonical(address: string): string {
  const bytes = new Uint8Array(16);
  return ipv6Bytes(address, bytes, 0) ? ipv6Text(bytes, 0) : address;
}

function agrees(filter: TupleFilter | undefined, tuple: Tuple): boolean {
  const same = (wanted: string | undefined, has: string) =>
    wanted === undefined || wanted === has || canonical(wanted) === canonical(has);
  return same(filter?.source, tuple.source) && same(filter?.destination, tuple.destination);
}

/** Whether a listed connection has what a filter asks and the kernel does not compare. */
export function fits({ original, reply, destinationPorts }: ConnectionFilter, connection: Connection): boolean {
  if (!agrees(original, connection.original) || !agrees(reply, connection.reply)) return false;
  if (destinationPorts === undefined) return true;
  const port = connection.original.destinationPort;
  return port !== undefined && port >= destinationPorts.first && port <= destinationPorts.last;
}

interface DecodedTuple {
  ip?: { source?: string; destination?: string; source6?: string; destination6?: string };
  protocol?: {
    number?: number;
    sourcePort?: number;
    destinationPort?: number;
    icmpType?: number;
    icmpCode?: number;
    icmpId?: number;
    icmp6Type?: number;
    icmp6Code?: number;
    icmp6Id?: number;
  };
}

function decodeTuple({ ip, protocol }: DecodedTuple): Tuple {
  const id = protocol?.icmpId ?? protocol?.icmp6Id;
  return {
    source: ip?.source ?? ip?.source6 ?? '',
    destination: ip?.destination ?? ip?.destination6 ?? '',
    protocol: protocol?.number ?? 0,
    ...(protocol?.sourcePort === undefined ? {} : { sourcePort: protocol.sourcePort }),
    ...(protocol?.destinationPort === undefined ? {} : { destinationPort: protocol.destinationPort }),
    ...(id === undefined
      ? {}
      : {
          icmp: {
            type: protocol?.icmpType ?? protocol?.icmp6Type ?? 0,
            code: protocol?.icmpCode ?? protocol?.icmp6Code ?? 0,
            id,
          },
        }),
  };
}

/** A decoded IPCTNL_MSG_CT_NEW as a Connection. */
export function decodeConnection(decoded: object): Connection {
  const connection = decoded as {
    family: number;
    original?: DecodedTuple;
    reply?: DecodedTuple;
    status?: number;
    timeout?: number;
    mark?: number;
    id?: number;
    zone?: number;
  };
  return {
    family: connection.family === families.inet6 ? 'inet6' : 'inet',
    original: decodeTuple(connection.original ?? {}),
    reply: decodeTuple(connection.reply ?? {}),
    status: connection.status ?? 0,
    timeout: connection.timeout ?? 0,
    mark: connection.mark ?? 0,
    id: connection.id ?? 0,
    ...(connection.zone === undefined ? {} : { zone: connection.zone }),
  };
}

/** IPCTNL_MSG_CT_DELETE of one connection. */
export function deleteConnection({ family, original, id, zone }: Connection): Operation {
  return {
    message: 'connection.delete',
    flags: 0,
    body: { family: families[family], original: tupleBody(family, original), id, zone },
    verb: 'delete',
    subject: `connection ${JSON.stringify(original)}`,
  };
}
