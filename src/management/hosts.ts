import { cksum } from './cksum.js';

/**
 * The hosts an operator has registered: those of `hosts`, separated by commas, else the one of `host`. Spaces mean nothing. An empty place
 * in the list stays one, because the place in the list decides which network lives where; as after the shell program's split, one comma at the end is none.
 */
export function listHosts(hosts: string, host: string): readonly string[] {
  if (hosts === '') return host === '' ? [] : [host];
  const places = hosts.replace(/,$/, '').split(',');
  return places.map((place) => place.replaceAll(' ', ''));
}

/**
 * The hosts in the order in which they are asked for a network that has none yet: from the one its id falls on. The order is the shell
 * program's, or networks would move when the program is replaced.
 *
 * @param id of the VPC, or of the network that is in none
 */
export function hostsInOrder(hosts: readonly string[], id: string): readonly string[] {
  const first = cksum(Buffer.from(id)) % hosts.length;
  return [...hosts.slice(first), ...hosts.slice(0, first)].filter((host) => host !== '');
}
