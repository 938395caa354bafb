import type { Command, NetworkTarget } from '../contract/command.js';
import type { Domain } from '../model/domain.js';
import { CommandError } from './command-error.js';

/** Whether a network is in the kernel, so that there is something for a command to act on. */
export function isImplemented({ networkId }: NetworkTarget, domain: Domain): boolean {
  return domain.present && domain.network.get(networkId)?.active === true;
}

/** Refuses a command that adds something to a network that is not there. */
export function requireNetwork(name: Command['name'], target: NetworkTarget, domain: Domain): void {
  if (!domain.present) {
    throw new CommandError(
      `${name}: --network-id "${target.networkId}": namespace ${target.namespace} does not exist; expected implement-network first`,
    );
  }
  if (!isImplemented(target, domain)) {
    throw new CommandError(
      `${name}: --network-id "${target.networkId}": the network is not implemented in ${target.namespace}; expected implement-network first`,
    );
  }
}

/** Refuses a NAT rule for a public address whose VLAN nobody knows: it could never carry a packet. */
export function requirePublicVlan(
  name: Command['name'],
  command: { readonly publicIp: string; readonly publicVlan: unknown },
  domain: Domain,
): void {
  if (command.publicVlan === undefined && !domain.address.has(command.publicIp)) {
    throw new CommandError(
      `${name}: --public-vlan "": no VLAN is known for ${command.publicIp}; expected assign-ip first, or a VLAN id from 1 to 4094`,
    );
  }
}
