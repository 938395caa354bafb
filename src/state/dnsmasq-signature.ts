import { statSync } from 'node:fs';
import { dnsmasqDirectory, dnsmasqFiles } from './dnsmasq-places.js';

const names = Object.values(dnsmasqFiles);

/**
 * What tells the services' files from those that were read or written before, without reading them: another process that works on them (the
 * shell wrapper, `exec`) changes nothing in the kernel that would tell. Costs 2 µs a file.
 */
export function dnsmasqSignature(root: string, networkIds: Iterable<string>): string {
  const parts: (number | string)[] = [];
  for (const networkId of networkIds) {
    for (const name of names) {
      const stats = statSync(`${root}/${dnsmasqDirectory(networkId)}/${name}`, { throwIfNoEntry: false });
      if (stats === undefined) parts.push('-');
      else parts.push(stats.ino, stats.size, stats.mtimeMs);
    }
  }
  return parts.join(' ');
}
