import type { Operation } from '../operation.js';

/** RTM_GETNSID: the number that our namespace knows another one by (linux/net_namespace.h). */
export function getNamespaceId(descriptor: number): Operation {
  return {
    message: 'namespaceId.get',
    flags: 0,
    body: { family: 'unspec', descriptor },
    verb: 'get',
    subject: 'id of a namespace',
  };
}

/** A decoded RTM_NEWNSID; undefined when it has no number (NETNSA_NSID_NOT_ASSIGNED). */
export function decodeNamespaceId(decoded: object): number | undefined {
  const { id } = decoded as { id?: number };
  return id === undefined || id < 0 ? undefined : id;
}
