/**
 * Netlink from Node: links, addresses, routes, policy rules and neighbours (rtnetlink), tables, chains, rules, sets and maps
 * (nf_tables), tracked connections (ctnetlink), namespaces. A small vocabulary: a verb × a typed object, collected in a
 * transaction and run once.
 *
 * @packageDocumentation
 */

export type { Connection, ConnectionFilter, TupleFilter } from './connection.js';
export { KernelError, UnknownOutcomeError } from './errors.js';
export type { NamespaceIdentity, NamespaceReference, PeerCredentials, Sysctl, SystemError } from './native.js';
export { native } from './native.js';
export { NetfilterSocket, type RunOptions } from './netfilter-socket.js';
export type { BaseChain, Chain, Hook } from './nft/chain.js';
export { priorities } from './nft/chain.js';
export type { Element } from './nft/elements.js';
export type { Expression, Verdict } from './nft/expression.js';
export * as expression from './nft/expression.js';
export type { Rule, RuleReference } from './nft/rule.js';
export type { NamedSet } from './nft/set.js';
export type { Family, Table } from './nft/table.js';
export { NetfilterTransaction } from './nft/transaction.js';
export type { TypeName, Value } from './nft/type.js';
export type { Operation, Verb } from './operation.js';
export type { Address } from './route/address.js';
export type { Link, LinkChange, LinkKind, LinkReference, NewLink, VethPeer } from './route/link.js';
export type { Neighbour } from './route/neighbour.js';
export type { Prefix, Route } from './route/route.js';
export type { PolicyRule, Ports } from './route/rule.js';
export { RouteTransaction } from './route/transaction.js';
export { RouteSocket } from './route-socket.js';
