import { isIPv6 } from 'node:net';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, type Operation } from '../operation.js';

/** NUD_PERMANENT of linux/neighbour.h. */
const NUD_PERMANENT = 0x80;

/** A neighbour entry: which MAC address an IP address has on a link. */
export interface Neighbour {
  readonly object: 'neighbour';
  /** Index of the link. */
  readonly link: number;
  readonly destination: string;
  /** MAC address. */
  readonly address?: string;
  /** NUD_* state of linux/neighbour.h; permanent when absent on add. */
  readonly state?: number;
}

function message(
  name: 'neighbour.new' | 'neighbour.delete',
  flags: number,
  verb: Operation['verb'],
  entry: Neighbour,
): Operation {
  return {
    message: name,
    flags,
    body: {
      family: isIPv6(entry.destination) ? 'inet6' : 'inet',
      index: entry.link,
      state: name === 'neighbour.new' ? (entry.state ?? NUD_PERMANENT) : undefined,
      destination: entry.destination,
      address: entry.address,
    },
    verb,
    subject: `neighbour ${entry.destination} on link with index ${entry.link}`,
  };
}

/** RTM_NEWNEIGH; an existing entry is an error (EEXIST). */
export function addNeighbour(entry: Neighbour): Operation {
  return message('neighbour.new', NLM_F_CREATE | NLM_F_EXCL, 'add', entry);
}

/** RTM_NEWNEIGH that makes or replaces the entry. */
export function replaceNeighbour(entry: Neighbour): Operation {
  return message('neighbour.new', NLM_F_CREATE | NLM_F_REPLACE, 'replace', entry);
}

/** RTM_DELNEIGH. */
export function deleteNeighbour(entry: Neighbour): Operation {
  return message('neighbour.delete', 0, 'delete', entry);
}

/** RTM_GETNEIGH of one entry. */
export function getNeighbour(link: number, destination: string): Operation {
  return {
    message: 'neighbour.get',
    flags: 0,
    body: { family: isIPv6(destination) ? 'inet6' : 'inet', index: link, destination },
    verb: 'get',
    subject: `neighbour ${destination} on link with index ${link}`,
  };
}

/** RTM_GETNEIGH: the entries of a link (a kernel-side filter), or all. */
export function listNeighbours(filter: { readonly family: 'inet' | 'inet6'; readonly link?: number }): Operation {
  return {
    message: 'neighbour.get',
    flags: 0,
    body: { family: filter.family, filterIndex: filter.link },
    verb: 'list',
    subject: filter.link === undefined ? 'neighbours' : `neighbours of link with index ${filter.link}`,
  };
}

/** A decoded RTM_NEWNEIGH as a Neighbour. */
export function decodeNeighbour(decoded: object): Neighbour {
  const entry = decoded as { index: number; destination?: string; address?: string; state: number };
  return {
    object: 'neighbour',
    link: entry.index,
    destination: entry.destination ?? '',
    state: entry.state,
    ...(entry.address === undefined ? {} : { address: entry.address }),
  };
}
