import type { NamespaceIdentity } from '../kernel/native.js';
import { cidrContains } from '../model/address.js';
import type { DomainId } from '../model/domain.js';
import { metadataAddress } from '../model/user-data.js';
import type { Cidr } from '../model/values.js';
import { kindOf } from '../state/confined-path.js';
import { guestDirectory, networkDirectory, packFile } from '../state/layout.js';
import { withPack } from '../state/pack-file.js';

/** A network whose guests are told something. */
export interface ServedNetwork {
  readonly id: string;
  /** The address of the namespace on the guest side. */
  readonly address: string;
  /** Where its guests are. */
  readonly cidr: Cidr;
}

/** A namespace with such networks: one of its own, or the tiers of a VPC. */
export interface ServedPlace {
  /** Whose state directory it is. */
  readonly extension: string;
  /** The state directory, an absolute path. */
  readonly root: string;
  readonly id: DomainId;
  readonly namespace: string;
  readonly identity: NamespaceIdentity;
  readonly networks: readonly ServedNetwork[];
}

/** One guest that asks. */
export interface Guest {
  readonly place: ServedPlace;
  readonly network: ServedNetwork;
  /** Its address, as the kernel says. */
  readonly address: string;
}

/** What a socket is for. */
export interface Endpoint {
  readonly service: 'metadata' | 'password';
  readonly address: string;
  readonly port: number;
}

/** Metadata is asked for as of any web server; the password as of CloudStack's virtual router. */
const ports = { metadata: 80, password: 8080 } as const;

/** The sockets of a place. The link-local address is one for all tiers: who asks is known by the source address. */
export function endpointsOf({ networks }: Pick<ServedPlace, 'networks'>): Endpoint[] {
  if (networks.length === 0) return [];
  const metadata = [...networks.map(({ address }) => address), metadataAddress];
  return [
    ...metadata.map((address) => ({ service: 'metadata', address, port: ports.metadata }) as const),
    ...networks.map(({ address }) => ({ service: 'password', address, port: ports.password }) as const),
  ];
}

/**
 * The guest of a place that has an address; undefined for everybody else. A shared network can have further ranges that its CIDR does not
 * cover: there a guest is who something is kept for.
 */
export function guestAt(place: ServedPlace, address: string): Guest | undefined {
  const network =
    place.networks.find(({ cidr }) => cidrContains(cidr, address)) ??
    place.networks.find(({ id }) => isSomethingKept(place.root, id, address));
  return network === undefined ? undefined : { place, network, address };
}

function isSomethingKept(root: string, networkId: string, address: string): boolean {
  if (kindOf(`${root}/${guestDirectory(networkId, address)}`) === 'directory') return true;
  try {
    return withPack(`${root}/${networkDirectory(networkId)}/${packFile}`, (pack) => pack?.has(address) ?? false);
  } catch {
    // What the pack says is not known: then the answer to what is asked says what is wrong with it.
    return true;
  }
}

/** Directory of a guest's network, absolute. */
export function networkPath({ place, network }: Guest): string {
  return `${place.root}/${networkDirectory(network.id)}`;
}
