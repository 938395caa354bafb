/**
 * Netlink from Node: links, addresses, routes, policy rules and neighbours (rtnetlink), tables, chains, rules, sets and maps
 * (nf_tables), tracked connections (ctnetlink), namespaces. A small vocabulary: a verb × a typed object, collected in a
 * transaction and run once.
 *
 * @packageDocumentation
 */

export type { Connection, ConnectionFilter, Tuple, TupleFilter } from './connection.js';
export { KernelError, UnknownOutcomeError } from './errors.js';
export type {
  Announcement,
  EncodeError,
  ItemFailure,
  LinkAttribute,
  NamespaceIdentity,
  NamespaceReference,
  NativeAddon,
  PeerCredentials,
  ShortCutMember,
  Sysctl,
  SystemError,
} from './native.js';
export { native } from './native.js';
export { type Handles, NetfilterSocket, type RunOptions } from './netfilter-socket.js';
export type { BaseChain, Chain, Hook } from './nft/chain.js';
export { priorities } from './nft/chain.js';
export type { Element } from './nft/elements.js';
export type { Expression, LogOptions, NatFlag, NatRegisters, PortRegisters, Verdict } from './nft/expression.js';
export * as expression from './nft/expression.js';
export type { Listed } from './nft/listed.js';
export type { NamedCounter, NamedLimit, NamedObject, NamedQuota, ObjectKind } from './nft/named-object.js';
export type { PackedElements } from './nft/packed-elements.js';
export type { Rate } from './nft/rate.js';
export type { Rule, RuleReference } from './nft/rule.js';
export type { NamedSet } from './nft/set.js';
export type { Family, Table } from './nft/table.js';
export { type NetfilterObject, NetfilterTransaction } from './nft/transaction.js';
export type { TypeName, Value } from './nft/type.js';
export type { Operation, Verb } from './operation.js';
export type { Address } from './route/address.js';
export type { ProgramFilter } from './route/ingress.js';
export type { Link, LinkChange, LinkKind, LinkProperties, LinkReference, NewLink, VethPeer } from './route/link.js';
export type { NamespaceId } from './route/namespace-id.js';
export type { Neighbour } from './route/neighbour.js';
export type { Prefix, Route } from './route/route.js';
export type { PolicyRule, Ports } from './route/rule.js';
export { RouteTransaction } from './route/transaction.js';
export { RouteSocket } from './route-socket.js';
