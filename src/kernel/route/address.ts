import { isIPv6 } from 'node:net';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, type Operation } from '../operation.js';

/** An IPv4 or IPv6 address on a link. */
export interface Address {
  readonly object: 'address';
  /** Index of the link. */
  readonly link: number;
  readonly address: string;
  /** Prefix length in bits. */
  readonly prefix: number;
  readonly broadcast?: string;
  readonly scope?: 'global' | 'link' | 'host';
  /** IPv4 only, at most 15 characters: what programs that go by labels know the address by; the link's name by default. */
  readonly label?: string;
}

function message(
  name: 'address.new' | 'address.delete',
  flags: number,
  verb: Operation['verb'],
  address: Address,
): Operation {
  return {
    message: name,
    flags,
    body: {
      family: isIPv6(address.address) ? 'inet6' : 'inet',
      prefix: address.prefix,
      scope: address.scope,
      index: address.link,
      local: address.address,
      address: address.address,
      broadcast: address.broadcast,
      label: address.label,
    },
    verb,
    subject: `address ${address.address}/${address.prefix} on link with index ${address.link}`,
  };
}

/** RTM_NEWADDR; an existing address is an error (EEXIST). */
export function addAddress(address: Address): Operation {
  return message('address.new', NLM_F_CREATE | NLM_F_EXCL, 'add', address);
}

/** RTM_NEWADDR that also accepts an existing address. */
export function replaceAddress(address: Address): Operation {
  return message('address.new', NLM_F_CREATE | NLM_F_REPLACE, 'replace', address);
}

/** RTM_DELADDR. */
export function deleteAddress(address: Address): Operation {
  return message('address.delete', 0, 'delete', address);
}

/** RTM_GETADDR: the addresses of one link (a kernel-side filter) or of all. */
export function listAddresses(filter: { readonly link?: number; readonly family?: 'inet' | 'inet6' }): Operation {
  return {
    message: 'address.get',
    flags: 0,
    body: { family: filter.family, index: filter.link },
    verb: 'list',
    subject: filter.link === undefined ? 'addresses' : `addresses of link with index ${filter.link}`,
  };
}

interface DecodedAddress {
  prefix: number;
  index: number;
  scope?: 'global' | 'link' | 'host';
  local?: string;
  address?: string;
  broadcast?: string;
  label?: string;
}

/** A decoded RTM_NEWADDR as an Address. IPv6 has no IFA_LOCAL. */
export function decodeAddress(decoded: object): Address {
  const address = decoded as DecodedAddress;
  return {
    object: 'address',
    link: address.index,
    address: address.local ?? address.address ?? '',
    prefix: address.prefix,
    ...(address.broadcast === undefined ? {} : { broadcast: address.broadcast }),
    ...(address.scope === undefined ? {} : { scope: address.scope }),
    ...(address.label === undefined ? {} : { label: address.label }),
  };
}
