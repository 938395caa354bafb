import type {
  AddDhcpEntry,
  AddDnsEntry,
  ConfigDhcpSubnet,
  ConfigDnsSubnet,
  NameServiceCommand,
  PrepareNic,
} from '../../../src/contract/name-service-command.js';
import { target } from './builders.js';

type Given<Name extends NameServiceCommand> = Partial<Omit<Name, 'name'>>;

/** `config-dhcp-subnet` or `config-dns-subnet`, which say the same. */
export function configure(
  service: 'dhcp' | 'dns',
  given: Given<ConfigDhcpSubnet> = {},
): ConfigDhcpSubnet | ConfigDnsSubnet {
  return {
    name: `config-${service}-subnet`,
    target: target(),
    resolvers: [],
    domain: undefined,
    ipv6: undefined,
    ...given,
  };
}

export function addLease(mac: string, ip: string, given: Given<AddDhcpEntry> = {}): AddDhcpEntry {
  return {
    name: 'add-dhcp-entry',
    target: target(),
    mac,
    ip,
    hostname: undefined,
    gateway: undefined,
    isDefaultNic: true,
    resolvers: undefined,
    domain: undefined,
    ...given,
  };
}

export function addName(ip: string, hostname: string, given: Given<AddDnsEntry> = {}): AddDnsEntry {
  return { name: 'add-dns-entry', target: target(), ip, ipv6Address: undefined, hostname, ...given };
}

export function prepareNic(given: Given<PrepareNic> = {}): PrepareNic {
  return {
    name: 'prepare-nic',
    target: target(),
    mac: undefined,
    ip: undefined,
    ipv6Address: undefined,
    hostname: undefined,
    gateway: undefined,
    isDefaultNic: true,
    ipv6: undefined,
    ...given,
  };
}
