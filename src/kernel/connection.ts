import type { Operation } from './operation.js';

/** One direction of a connection, as far as it is to be compared. */
export interface TupleFilter {
  readonly source?: string;
  readonly destination?: string;
  /** IP protocol number. */
  readonly protocol?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** Which tracked IPv4 connections are meant: all of `original` and `reply` that is given must agree. */
export interface ConnectionFilter {
  /** The direction of the first packet, before NAT. */
  readonly original?: TupleFilter;
  /** The direction of the answers, as they arrive: its destination is the address after source NAT. */
  readonly reply?: TupleFilter;
  /** Inclusive range for the original destination port. The kernel compares no ranges: this is done here, after listing. */
  readonly destinationPorts?: { readonly first: number; readonly last: number };
}

/** CTA_FILTER_F_* of net/netfilter/nf_conntrack_netlink.c (the bits of CTA_FILTER_ORIG_FLAGS and _REPLY_FLAGS). */
const CTA_FILTER_F_CTA_IP_SRC = 1 << 0;
const CTA_FILTER_F_CTA_IP_DST = 1 << 1;
const CTA_FILTER_F_CTA_PROTO_NUM = 1 << 3;
const CTA_FILTER_F_CTA_PROTO_SRC_PORT = 1 << 4;
const CTA_FILTER_F_CTA_PROTO_DST_PORT = 1 << 5;

const AF_INET = 2;

function flags(tuple: TupleFilter | undefined): number {
  return (
    (tuple?.source === undefined ? 0 : CTA_FILTER_F_CTA_IP_SRC) |
    (tuple?.destination === undefined ? 0 : CTA_FILTER_F_CTA_IP_DST) |
    (tuple?.protocol === undefined ? 0 : CTA_FILTER_F_CTA_PROTO_NUM) |
    (tuple?.sourcePort === undefined ? 0 : CTA_FILTER_F_CTA_PROTO_SRC_PORT) |
    (tuple?.destinationPort === undefined ? 0 : CTA_FILTER_F_CTA_PROTO_DST_PORT)
  );
}

function tupleBody(tuple: TupleFilter | undefined): object | undefined {
  if (tuple === undefined) return undefined;
  return {
    ip: { source: tuple.source, destination: tuple.destination },
    protocol:
      tuple.protocol === undefined
        ? undefined
        : { number: tuple.protocol, sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort },
  };
}

function words(filter: ConnectionFilter): string {
  return `connections ${JSON.stringify(filter)}`;
}

function filterBody(filter: ConnectionFilter): object {
  return {
    family: AF_INET,
    original: tupleBody(filter.original),
    reply: tupleBody(filter.reply),
    filter: { originalFlags: flags(filter.original), replyFlags: flags(filter.reply) },
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

/** A tracked connection, as far as it is needed to name it again. */
export interface Connection {
  readonly original: object;
  readonly id: number | undefined;
  readonly destinationPort: number | undefined;
}

/** A decoded IPCTNL_MSG_CT_NEW as a Connection. */
export function decodeConnection(decoded: object): Connection {
  const connection = decoded as { original?: { protocol?: { destinationPort?: number } }; id?: number };
  return {
    original: connection.original ?? {},
    id: connection.id,
    destinationPort: connection.original?.protocol?.destinationPort,
  };
}

/** IPCTNL_MSG_CT_DELETE of one connection. */
export function deleteConnection(connection: Connection): Operation {
  return {
    message: 'connection.delete',
    flags: 0,
    body: { family: AF_INET, original: connection.original, id: connection.id },
    verb: 'delete',
    subject: `connection ${JSON.stringify(connection.original)}`,
  };
}
