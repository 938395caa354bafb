/** The kernel as the executor sees it. All that is read or changed on a host goes through here, so that another can stand in. */

import { openSync } from 'node:fs';
import { type NamespaceReference, type NativeAddon, native } from '../kernel/native.js';
import { NetfilterSocket } from '../kernel/netfilter-socket.js';
import { RouteSocket } from '../kernel/route-socket.js';

/** rtnetlink in one namespace. */
export type RouteAccess = Pick<
  RouteSocket,
  | 'attempt'
  | 'attemptThenLook'
  | 'links'
  | 'linksNamed'
  | 'addresses'
  | 'routes'
  | 'routesTo'
  | 'rules'
  | 'namespaceId'
  | 'programFilters'
  | 'closed'
  | 'close'
>;

/** nf_tables and connection tracking in one namespace. */
export type NetfilterAccess = Pick<
  NetfilterSocket,
  | 'run'
  | 'generation'
  | 'tables'
  | 'chains'
  | 'rules'
  | 'sets'
  | 'objects'
  | 'elements'
  | 'connectionCount'
  | 'endConnections'
  | 'endConnectionsWhere'
  | 'close'
>;

/** Namespaces by name, and sockets inside them. */
export interface Kernel
  extends Pick<
    NativeAddon,
    | 'createNamespace'
    | 'deleteNamespace'
    | 'listNamespaces'
    | 'isNamespace'
    | 'identifyNamespace'
    | 'readSysctl'
    | 'writeSysctls'
    | 'readLinkAttribute'
    | 'writeLinkAttributes'
    | 'openShortCut'
    | 'enterShortCut'
    | 'announceAddresses'
    | 'tryLock'
    | 'listen'
    | 'buildFiles'
    | 'compareFiles'
    | 'removeFiles'
    | 'flushFiles'
  > {
  /** A descriptor of a named namespace, or of our own; the caller closes it. */
  openNamespace(name?: string): number;
  openRoute(namespace?: NamespaceReference): Promise<RouteAccess>;
  openNetfilter(namespace: NamespaceReference): Promise<NetfilterAccess>;
}

/** This machine's. */
export const thisKernel: Kernel = {
  openNamespace: (name) => openSync(name === undefined ? '/proc/thread-self/ns/net' : `/run/netns/${name}`, 'r'),
  openRoute: (namespace) => RouteSocket.open(namespace),
  openNetfilter: (namespace) => NetfilterSocket.open(namespace),
  createNamespace: (name) => native.createNamespace(name),
  deleteNamespace: (name) => native.deleteNamespace(name),
  listNamespaces: () => native.listNamespaces(),
  isNamespace: (name) => native.isNamespace(name),
  identifyNamespace: (namespace) => native.identifyNamespace(namespace),
  readSysctl: (namespace, name) => native.readSysctl(namespace, name),
  writeSysctls: (namespace, sysctls) => native.writeSysctls(namespace, sysctls),
  readLinkAttribute: (namespace, link, name) => native.readLinkAttribute(namespace, link, name),
  writeLinkAttributes: (namespace, attributes) => native.writeLinkAttributes(namespace, attributes),
  openShortCut: (id) => native.openShortCut(id),
  enterShortCut: (namespace, descriptor, members) => native.enterShortCut(namespace, descriptor, members),
  announceAddresses: (namespace, announcements) => native.announceAddresses(namespace, announcements),
  tryLock: (descriptor) => native.tryLock(descriptor),
  listen: (namespace, options) => native.listen(namespace, options),
  buildFiles: (batch, flush) => native.buildFiles(batch, flush),
  compareFiles: (batch) => native.compareFiles(batch),
  removeFiles: (batch) => native.removeFiles(batch),
  flushFiles: (batch) => native.flushFiles(batch),
};
