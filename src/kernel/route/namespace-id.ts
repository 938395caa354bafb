import type { Operation } from '../operation.js';

/** The number that a namespace knows another one by: links report it of the namespace their other end is in. */
export interface NamespaceId {
  readonly object: 'namespaceId';
  /** Open descriptor of the other namespace. */
  readonly descriptor: number;
  /** 0 or more; the kernel chooses when absent. */
  readonly id?: number;
}

/** RTM_NEWNSID (linux/net_namespace.h); a namespace that has a number, or a number that is taken, is an error (EEXIST). */
export function addNamespaceId({ descriptor, id = -1 }: NamespaceId): Operation {
  return {
    message: 'namespaceId.new',
    flags: 0,
    // NETNSA_NSID_NOT_ASSIGNED lets the kernel choose.
    body: { family: 'unspec', descriptor, id },
    verb: 'add',
    subject: id < 0 ? 'id of a namespace' : `id ${id} of a namespace`,
  };
}

/** RTM_GETNSID: the number that our namespace knows another one by. */
export function getNamespaceId(descriptor: number): Operation {
  return {
    message: 'namespaceId.get',
    flags: 0,
    body: { family: 'unspec', descriptor },
    verb: 'get',
    subject: 'id of a namespace',
  };
}

/** RTM_GETNSID of all. */
export function listNamespaceIds(): Operation {
  return {
    message: 'namespaceId.get',
    flags: 0,
    body: { family: 'unspec' },
    verb: 'list',
    subject: 'ids of namespaces',
  };
}

/** A decoded RTM_NEWNSID; undefined when it has no number (NETNSA_NSID_NOT_ASSIGNED). */
export function decodeNamespaceId(decoded: object): number | undefined {
  const { id } = decoded as { id?: number };
  return id === undefined || id < 0 ? undefined : id;
}
