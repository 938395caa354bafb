import type { Network } from '../model/domain.js';
import { metadataAddress } from '../model/user-data.js';
import type { InsideAddress } from './plan.js';

/**
 * The address at which guests ask for metadata without knowing their network, on the guest link. Each tier of a VPC has it: a guest may
 * look for it on its own link, without a route. By its label dnsmasq, which listens on all addresses that have the link's name, leaves it
 * alone: those of two tiers could not both have it.
 */
export function metadataAddresses(network: Pick<Network, 'link'> | undefined): InsideAddress[] {
  return network?.link === undefined
    ? []
    : [{ link: network.link, address: metadataAddress, prefix: 32, label: 'metadata' }];
}
