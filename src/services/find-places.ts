/** Which networks have something to tell their guests, from the state directories alone: for the daemon's start. */

import { isAddress, parseCidr } from '../model/address.js';
import type { DomainId } from '../model/domain.js';
import { findDomains, lineIn } from '../state/find-domains.js';
import { networkDirectory } from '../state/layout.js';
import { hasUserData } from '../state/user-data-files.js';
import type { ServedNetwork } from './served-place.js';

/** A domain with such networks. */
export interface FoundPlace {
  readonly id: DomainId;
  readonly namespace: string;
  readonly networks: readonly ServedNetwork[];
}

/** The domains below a state root whose guests are told something. */
export async function* findPlaces(root: string): AsyncGenerator<FoundPlace> {
  for await (const { id, namespace, networkIds } of findDomains(root)) {
    const networks = networkIds.flatMap((networkId) => servedNetwork(root, networkId));
    if (networks.length > 0) yield { id, namespace, networks };
  }
}

function servedNetwork(root: string, id: string): ServedNetwork[] {
  if (!hasUserData(root, id)) return [];
  const directory = `${root}/${networkDirectory(id)}`;
  const address = lineIn(`${directory}/extension-ip`, isAddress) ?? lineIn(`${directory}/gateway`, isAddress);
  const cidr = parseCidr(lineIn(`${directory}/cidr`, () => true) ?? '');
  return address === undefined || cidr === undefined ? [] : [{ id, address, cidr }];
}
