import { basename } from 'node:path';

/** The log of a program that serves a network, beside that of its extension; the shell wrapper has them there, too. */
export function serviceLog(root: string, program: 'dnsmasq' | 'radvd', networkId: string): string {
  return `/var/log/cloudstack/extensions/${basename(root)}/${program}-${networkId}.log`;
}
