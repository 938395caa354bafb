import { NLM_F_CREATE, NLM_F_EXCL, type Operation } from '../operation.js';

/** IFF_UP of linux/if.h. */
const IFF_UP = 0x1;

/** One end of a veth pair, made in the same message as the other (linux/veth.h). */
export interface VethPeer {
  readonly name: string;
  /** Open descriptor of the namespace the peer is made in; the sender's when absent. */
  readonly namespaceDescriptor?: number;
  /** MAC address. */
  readonly address?: string;
  /** Bytes. */
  readonly mtu?: number;
  readonly group?: number;
  /** Wanted index; the kernel chooses when absent. */
  readonly index?: number;
}

/** A bridge. */
export interface BridgeKind {
  readonly kind: 'bridge';
  /** Hundredths of a second a port listens and learns before it forwards, with the spanning tree protocol. */
  readonly forwardDelay?: number;
  /** Hundredths of a second an address is remembered. */
  readonly ageingTime?: number;
  /** Whether it speaks the spanning tree protocol. */
  readonly stpState?: 0 | 1;
  readonly vlanFiltering?: 0 | 1;
  readonly multicastSnooping?: 0 | 1;
}

/** What kind of link, with what belongs to the kind. */
export type LinkKind =
  | BridgeKind
  | { readonly kind: 'vlan'; readonly id: number; readonly parent: number }
  | { readonly kind: 'veth'; readonly peer: VethPeer }
  | { readonly kind: 'dummy' };

/** Properties a link can be made with or changed to. */
export interface LinkProperties {
  readonly up?: boolean;
  /** Bytes. */
  readonly mtu?: number;
  /** MAC address, `02:00:00:00:00:01`. */
  readonly address?: string;
  /** Index of the bridge the link is a port of; 0 takes it out. */
  readonly master?: number;
  /** Group number, for deleting many at once. */
  readonly group?: number;
}

/** A link to be made. */
export interface NewLink extends LinkProperties {
  readonly object: 'link';
  readonly name: string;
  readonly kind: LinkKind;
  /** Wanted index; the kernel chooses when absent. */
  readonly index?: number;
}

/** Names a link that exists: by index, by name, or all of a group. */
export type LinkReference =
  | { readonly object: 'link'; readonly index: number }
  | { readonly object: 'link'; readonly name: string }
  | { readonly object: 'link'; readonly inGroup: number };

/** A change of a link that exists. The kernel renames by index only: a name in the message says which link is meant. */
export type LinkChange = { readonly object: 'link' } & LinkProperties & {
    /** Open descriptor of the namespace it is to move to. */
    readonly namespaceDescriptor?: number;
  } & ({ readonly index: number; readonly newName?: string } | { readonly name: string });

/** A link as the kernel reports it. */
export interface Link {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  /** IFF_* bits of linux/if.h. */
  readonly flags: number;
  readonly mtu: number;
  readonly address: string | undefined;
  /** Index of the bridge it is a port of. */
  readonly master: number | undefined;
  readonly group: number;
  /** `veth`, `bridge`, `vlan`, …; undefined for a physical device or loopback. */
  readonly kind: string | undefined;
  /** VLAN id, of a VLAN link. */
  readonly vlan: number | undefined;
  /** Index of the device below (VLAN) or of the peer (veth). */
  readonly parent: number | undefined;
  /** Id, as this namespace numbers it, of the namespace the device below or the peer is in; undefined when it is this one. */
  readonly parentNamespaceId: number | undefined;
}

function info(kind: LinkKind): { parent?: number; info: object } {
  switch (kind.kind) {
    case 'bridge': {
      const { kind: name, ...data } = kind;
      return { info: { kind: name, data } };
    }
    case 'vlan':
      return { parent: kind.parent, info: { kind: 'vlan', data: { id: kind.id } } };
    case 'veth':
      return { info: { kind: 'veth', data: { peer: kind.peer } } };
    case 'dummy':
      return { info: { kind: 'dummy' } };
  }
}

function properties(link: LinkProperties): object {
  return {
    ...(link.up === undefined ? {} : { flags: link.up ? IFF_UP : 0, change: IFF_UP }),
    mtu: link.mtu,
    address: link.address,
    master: link.master,
    group: link.group,
  };
}

function words(link: LinkReference | LinkChange): string {
  if ('name' in link) return `link ${link.name}`;
  return 'index' in link ? `link with index ${link.index}` : `links of group ${link.inGroup}`;
}

/** RTM_NEWLINK that makes a link; an existing one is an error (EEXIST). */
export function addLink(link: NewLink): Operation {
  return {
    message: 'link.new',
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: { name: link.name, index: link.index, ...properties(link), ...info(link.kind) },
    verb: 'add',
    subject: `link ${link.name} (${link.kind.kind})`,
  };
}

/** RTM_NEWLINK without NLM_F_CREATE: changes what is given, leaves the rest. */
export function changeLink(link: LinkChange): Operation {
  const reference = 'index' in link ? { index: link.index, name: link.newName } : { name: link.name };
  return {
    message: 'link.new',
    flags: 0,
    body: { ...reference, ...properties(link), namespaceDescriptor: link.namespaceDescriptor },
    verb: 'change',
    subject: words(link),
  };
}

/** RTM_DELLINK of one link, or of all links in a group with one message. */
export function deleteLink(link: LinkReference): Operation {
  const body = 'index' in link ? { index: link.index } : 'name' in link ? { name: link.name } : { group: link.inGroup };
  return { message: 'link.delete', flags: 0, body, verb: 'delete', subject: words(link) };
}

/** RTM_GETLINK of one link, by name or index. */
export function getLink(link: string | number): Operation {
  return typeof link === 'string'
    ? { message: 'link.get', flags: 0, body: { name: link }, verb: 'get', subject: `link ${link}` }
    : { message: 'link.get', flags: 0, body: { index: link }, verb: 'get', subject: `link with index ${link}` };
}

/** RTM_GETLINK of all links, or those of a kind or with a master (kernel-side filters). */
export function listLinks(filter: { readonly kind?: string; readonly master?: number } = {}): Operation {
  const info = filter.kind === undefined ? undefined : { kind: filter.kind };
  return { message: 'link.get', flags: 0, body: { master: filter.master, info }, verb: 'list', subject: 'links' };
}

interface DecodedLink {
  index: number;
  name?: string;
  flags: number;
  mtu?: number;
  address?: string;
  master?: number;
  group?: number;
  parent?: number;
  peerNamespaceId?: number;
  info?: { kind?: string; data?: { id?: number } };
}

/** A decoded RTM_NEWLINK as a Link. */
export function decodeLink(message: object): Link {
  const link = message as DecodedLink;
  return {
    index: link.index,
    name: link.name ?? '',
    up: (link.flags & IFF_UP) !== 0,
    flags: link.flags,
    mtu: link.mtu ?? 0,
    address: link.address,
    master: link.master,
    group: link.group ?? 0,
    kind: link.info?.kind,
    vlan: link.info?.kind === 'vlan' ? link.info.data?.id : undefined,
    parent: link.parent,
    parentNamespaceId: link.peerNamespaceId,
  };
}
