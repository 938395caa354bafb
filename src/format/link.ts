/** Links with their addresses, much as `ip addr` shows them. */

import type { Address } from '../kernel/route/address.js';
import type { Link } from '../kernel/route/link.js';

/** IFF_* of linux/if.h that are shown, lowest bit first. */
const flags: readonly [number, string][] = [
  [0x1, 'UP'],
  [0x2, 'BROADCAST'],
  [0x8, 'LOOPBACK'],
  [0x10, 'POINTOPOINT'],
  [0x80, 'NOARP'],
  [0x100, 'PROMISC'],
  [0x200, 'ALLMULTI'],
  [0x1000, 'MULTICAST'],
];

/** IFF_LOWER_UP of linux/if.h: there is a carrier. */
const lowerUp = 0x10000;

/** A link in some lines, each with its end. `links` are those it may refer to: its bridge, its other end. */
export function formatLink(link: Link, addresses: readonly Address[], links: readonly Link[]): string {
  const set = flags.filter(([bit]) => (link.flags & bit) !== 0).map(([, name]) => name);
  if (link.up) set.unshift((link.flags & lowerUp) === 0 ? 'NO-CARRIER' : 'LOWER_UP');
  const nameOf = (index: number) => links.find((other) => other.index === index)?.name ?? `if${index}`;
  // The index of a link in another namespace means nothing here.
  const parent =
    link.parent === undefined
      ? ''
      : `@${link.parentNamespaceId === undefined ? nameOf(link.parent) : `if${link.parent}`}`;
  const words = [`${link.index}: ${link.name}${parent}: <${set.join(',')}> mtu ${link.mtu}`];
  if (link.master !== undefined) words.push(`master ${nameOf(link.master)}`);
  if (link.kind !== undefined) words.push(link.vlan === undefined ? link.kind : `${link.kind} id ${link.vlan}`);
  const lines = [words.join(' ')];
  if (link.address !== undefined) lines.push(`    link ${link.address}`);
  for (const { link: index, address, prefix, scope } of addresses) {
    if (index !== link.index) continue;
    lines.push(
      `    ${address.includes(':') ? 'inet6' : 'inet'} ${address}/${prefix}${scope === undefined ? '' : ` scope ${scope}`}`,
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}
