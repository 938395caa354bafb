/** `dnsmasq.conf` of one network: written from the model, and read back, also as the shell wrapper has written it. */

import { isAddress } from '../model/address.js';
import type { Network } from '../model/domain.js';
import { parseDomainName } from '../model/host-name.js';
import type { NameService } from '../model/name-service.js';
import type { DnsmasqPlaces } from './dnsmasq-places.js';

/** Leases of one network; dnsmasq's own limit is 1,000, less than a network of CloudStack may have. */
const mostLeases = 100_000;

/** The line that tells "never asked for" from "turned off", which the port alone does not. */
const offLine = '# dns: off';

/**
 * The text of `dnsmasq.conf`; undefined while the network has no guest side, where there is nothing to listen on.
 *
 * - Root: the state directory holds passwords and is open to root only. A dnsmasq that has given up root could not read its files again on
 *   SIGHUP. It sees nothing of the network but its guests' DHCP and DNS, as the virtual router's does.
 * - Only hosts of the host lines are served, and as the only server (`dhcp-authoritative`): a guest whose lease file was lost keeps its
 *   address at once instead of after half its lease.
 * - Names that guests give themselves do not count: one could call itself `data-server`.
 * - Questions about other names go to the network's own resolvers and not to the host's, which may listen on the host's loopback only.
 */
export function formatConfiguration(network: Network, service: NameService, places: DnsmasqPlaces): string | undefined {
  const { link, cidr, gateway, extensionIp } = network;
  const own = extensionIp ?? gateway;
  if (link === undefined || cidr === undefined || own === undefined) return undefined;
  const { dhcp, dns, resolvers, domain } = service;
  return [
    '# Written by cloudstack-netns; changes are lost.',
    ...(dns === 'off' ? [offLine] : []),
    `port=${dns === 'on' ? 53 : 0}`,
    'user=root',
    'group=root',
    `interface=${link}`,
    'except-interface=lo',
    'bind-interfaces',
    `pid-file=${places.pid}`,
    `log-facility=${places.log}`,
    'no-hosts',
    `addn-hosts=${places.names}`,
    'no-resolv',
    'domain-needed',
    'bogus-priv',
    ...resolvers.map((resolver) => `server=${resolver}`),
    ...(domain === undefined ? [] : [`domain=${domain}`, 'expand-hosts']),
    ...(dhcp
      ? [
          `dhcp-range=${own},static,${netmask(cidr.prefix)},infinite`,
          'dhcp-authoritative',
          'dhcp-ignore=tag:!known',
          'dhcp-ignore-names',
          `dhcp-lease-max=${mostLeases}`,
          `dhcp-leasefile=${places.leases}`,
          `dhcp-hostsfile=${places.hostLines}`,
          `dhcp-optsfile=${places.optionLines}`,
          ...(gateway === undefined ? [] : [`dhcp-option=3,${gateway}`]),
          `dhcp-option=6,${[own, ...resolvers].join(',')}`,
          ...(domain === undefined ? [] : [`dhcp-option=15,"${domain}"`]),
        ]
      : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** The settings that a `dnsmasq.conf` was written from. Never fails: what is not understood is not set. */
export function parseConfiguration(text: string): NameService {
  const lines = text.split('\n');
  const values = (key: string) =>
    lines.flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
  const option = (code: string) =>
    values('dhcp-option').flatMap((value) => (value.startsWith(`${code},`) ? [value.slice(code.length + 1)] : []))[0];
  // The first that guests are told is always the network's own address.
  const told = option('6')?.split(',').slice(1) ?? values('server');
  const domain = values('domain')[0] ?? option('15')?.replace(/^"(.*)"$/, '$1');
  return {
    dhcp: values('dhcp-range').length > 0,
    dns: values('port').at(-1) === '53' ? 'on' : lines.includes(offLine) ? 'off' : 'unset',
    resolvers: told.filter(isAddress),
    domain: domain === undefined ? undefined : parseDomainName(domain),
  };
}

/** Name of the guest link in a `dnsmasq.conf`. */
export function listenedLink(text: string): string | undefined {
  return /^interface=(\S+)$/m.exec(text)?.[1];
}

function netmask(prefix: number): string {
  const mask = prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join('.');
}
