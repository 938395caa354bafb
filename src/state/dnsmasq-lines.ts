/** The lines of a network's `dhcp-hosts`, `dhcp-opts`, `hosts` and `nic-options`: written from the model, and read back. */

import { isHostAddress } from '../model/address.js';
import { formatOptionValue, parseOptionCode } from '../model/dhcp-option.js';
import { isDnsName, parseMac } from '../model/host-name.js';
import { isIdentifier } from '../model/identifier.js';
import { parseIpv6Host } from '../model/ipv6.js';
import { dataServer, type GuestName, isLeaseName, type Lease, type NicOptions } from '../model/name-service.js';

/** What one of the files says; `damaged` counts the lines that were not understood. */
export interface Read<T> {
  readonly entries: readonly T[];
  readonly damaged: number;
}

/** Tags of a NIC without, and with its own router. The first is the shell wrapper's. */
const noRouterTag = (mac: string) => `norouter_${mac.replaceAll(':', '_')}`;
const ownRouterTag = (mac: string) => `router_${mac.replaceAll(':', '_')}`;
const optionsTag = (nicId: string) => `nic_${nicId}`;

/** `[set:<tag>,…]<mac>,<ip>[,<hostname>],infinite` for each NIC. */
export function formatHostLines(leases: readonly Lease[], nics: readonly NicOptions[]): string {
  const tags = new Map<string, string>();
  for (const { mac, nicId, options } of nics) {
    if (mac === undefined || options.length === 0) continue;
    tags.set(mac, `${tags.get(mac) ?? ''}set:${optionsTag(nicId)},`);
  }
  let text = '';
  for (const { mac, ip, hostname, router } of leases) {
    if (router === 'none') text += `set:${noRouterTag(mac)},`;
    else if (router !== 'network') text += `set:${ownRouterTag(mac)},`;
    text += tags.get(mac) ?? '';
    text += hostname === undefined ? `${mac},${ip},infinite\n` : `${mac},${ip},${hostname},infinite\n`;
  }
  return text;
}

/** What tagged NICs are told instead of what all are told. An option without a value is not sent. */
export function formatOptionLines(leases: readonly Lease[], nics: readonly NicOptions[]): string {
  const lines: string[] = [];
  for (const { mac, router } of leases) {
    if (router === 'none') lines.push(`tag:${noRouterTag(mac)},option:router`);
    else if (router !== 'network') lines.push(`tag:${ownRouterTag(mac)},option:router,${router}`);
  }
  for (const { nicId, options, mac } of nics) {
    if (mac === undefined) continue;
    for (const [code, value] of options) {
      const formatted = formatOptionValue(code, value);
      if (formatted !== undefined) lines.push(`tag:${optionsTag(nicId)},${code},${formatted}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The NICs of a network, and by the option lines their routers. The shell wrapper's lines are understood, too. */
export function parseHostLines(networkId: string, text: string, optionLines: string): Read<Lease> {
  const routers = new Map<string, string>();
  for (const line of optionLines.split('\n')) {
    const match = /^tag:(router_[0-9a-f_]{17}),option:router,([0-9.]+)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined && isHostAddress(match[2])) routers.set(match[1], match[2]);
  }
  const leases = new Map<string, Lease>();
  let damaged = 0;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const lease = leaseOf(networkId, line, routers);
    if (lease === undefined) damaged++;
    else leases.set(lease.mac, lease);
  }
  return { entries: [...leases.values()], damaged };
}

function leaseOf(networkId: string, line: string, routers: ReadonlyMap<string, string>): Lease | undefined {
  const words = line.split(',').map((word) => word.trim());
  const tags = words.flatMap((word) => (/^(?:set|net):/.test(word) ? [word.slice(4)] : []));
  const [macText = '', ip = '', ...rest] = words.filter((word) => !/^(?:set|net|tag):/.test(word));
  const mac = parseMac(macText);
  const names = rest.filter((word) => isLeaseName(word));
  const [hostname] = names;
  if (mac === undefined || !isHostAddress(ip) || names.length > 1) return undefined;
  if (hostname !== undefined && !isDnsName(hostname)) return undefined;
  const own = tags.map((tag) => routers.get(tag)).find((router) => router !== undefined);
  const router = tags.some((tag) => tag.toLowerCase() === noRouterTag(mac)) ? 'none' : (own ?? 'network');
  return { networkId, mac, ip, hostname, router };
}

/** `<ip> <name>` for each name, below it the same with the IPv6 address, and first where guests find their metadata. */
export function formatNames(names: readonly GuestName[], ownAddress: string | undefined): string {
  let text = ownAddress === undefined ? '' : `${ownAddress} ${dataServer}\n`;
  for (const { ip, ipv6Address, hostname } of names) {
    text += `${ip} ${hostname}\n`;
    if (ipv6Address !== undefined) text += `${ipv6Address} ${hostname}\n`;
  }
  return text;
}

/** The names of a network; an address with several has the first. An IPv6 address is that of the IPv4 address with its name. */
export function parseNames(networkId: string, text: string): Read<GuestName> {
  const names = new Map<string, GuestName>();
  const ipv6Addresses = new Map<string, string>();
  let damaged = 0;
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [address = '', hostname = ''] = line.trim().split(/\s+/);
    if (hostname === dataServer) continue;
    const ipv6Address = parseIpv6Host(address);
    if (!isDnsName(hostname)) damaged++;
    else if (ipv6Address !== undefined) ipv6Addresses.set(hostname.toLowerCase(), ipv6Address);
    else if (!isHostAddress(address)) damaged++;
    else if (!names.has(address)) names.set(address, { networkId, ip: address, ipv6Address: undefined, hostname });
  }
  const entries = Array.from(names.values(), (name) => ({
    ...name,
    ipv6Address: ipv6Addresses.get(name.hostname.toLowerCase()),
  }));
  return { entries, damaged };
}

/** Our own: `nic <id> <mac or ->` and below it `option <code> <value>`. Empty when no NIC has options. */
export function formatNicOptions(nics: readonly NicOptions[]): string {
  return nics
    .flatMap(({ nicId, mac, options }) => [
      `nic ${nicId} ${mac ?? '-'}\n`,
      ...options.map(([code, value]) => `option ${code} ${value}\n`),
    ])
    .join('');
}

export function parseNicOptions(networkId: string, text: string): Read<NicOptions> {
  const nics = new Map<string, { mac: string | undefined; options: [number, string][] }>();
  let current: { mac: string | undefined; options: [number, string][] } | undefined;
  let damaged = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, id = '', address = ''] = /^nic (\S+) (\S+)$/.exec(line) ?? [];
    const [, codeText = '', value = ''] = /^option (\S+) (.*)$/.exec(line) ?? [];
    const code = parseOptionCode(codeText);
    const mac = address === '-' ? undefined : parseMac(address);
    if (isIdentifier(id) && (address === '-' || mac !== undefined)) {
      current = { mac, options: [] };
      nics.set(id, current);
    } else if (code !== undefined && current !== undefined && formatOptionValue(code, value) !== undefined) {
      current.options.push([code, value]);
    } else {
      damaged++;
    }
  }
  return { entries: [...nics].map(([nicId, nic]) => ({ networkId, nicId, ...nic })), damaged };
}
