import { statSync } from 'node:fs';
import { dnsmasqDirectory, dnsmasqFiles } from './dnsmasq-places.js';
import { haproxyConfiguration } from './haproxy-places.js';

const names = Object.values(dnsmasqFiles);

/**
 * What tells the services' files from those that were read or written before, without reading them: another process that works on them (the
 * shell wrapper, `exec`) changes nothing in the kernel that would tell. Costs 2 µs a file.
 */
export function serviceSignature(root: string, networkIds: Iterable<string>): string {
  const parts: (number | string)[] = [];
  for (const networkId of networkIds) {
    const dnsmasq = names.map((name) => `${dnsmasqDirectory(networkId)}/${name}`);
    // With each rule that comes or goes haproxy's configuration is written anew.
    for (const path of [...dnsmasq, haproxyConfiguration(networkId)]) {
      const stats = statSync(`${root}/${path}`, { throwIfNoEntry: false });
      if (stats === undefined) parts.push('-');
      else parts.push(stats.ino, stats.size, stats.mtimeMs);
    }
  }
  return parts.join(' ');
}
