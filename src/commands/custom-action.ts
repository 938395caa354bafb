import type { CustomAction, NetworkTarget } from '../contract/command.js';
import type { Domain, Network } from '../model/domain.js';
import { CommandError } from './command-error.js';
import { implementVpc } from './implement-vpc.js';
import { guestHostEnd } from './place.js';
import { type Plan, plan } from './plan.js';

/** custom-action: what an operator asks for, in the namespace of a network or VPC that is there. */
export function customAction({ target, request, answer }: CustomAction, domain: Domain): Plan {
  // A hook is the operator's own affair, also for a network that is not there (any more).
  if (request.action === 'hook') return plan({ hook: request });
  const place = `custom-action: ${request.action}`;
  if (!domain.present && answer === 'json' && target.networkId === undefined && request.action !== 'reboot-device') {
    // Actions on a whole VPC make its namespace when it is missing (CONTRACT §5.11).
    const vpc = implementVpc({ name: 'implement-vpc', target, cidr: undefined, sourceNat: undefined }, domain);
    return { ...vpc, action: request };
  }
  if (!domain.present) {
    throw new CommandError(
      `${place}: namespace ${domain.namespace} does not exist; expected the network to be implemented first`,
    );
  }
  if (target.networkId !== undefined) requireTier(place, target, domain);
  if (request.action === 'reboot-device') return rebootDevice(place, target.networkId, domain);
  return plan({ action: request });
}

/** The details say of which VPC a network is a tier (generation 1 says it nowhere else), the state must agree. */
function requireTier(place: string, { networkId, vpcId }: NetworkTarget, domain: Domain): void {
  if (vpcId === undefined || domain.network.has(networkId)) return;
  throw new CommandError(
    `${place}: --network-id "${networkId}": the network is no tier of VPC ${vpcId}; expected one, or the details of another namespace`,
  );
}

/**
 * The guest link goes down and up on the host's side only: inside, addresses, routes and connections stay. Afterwards the guests are told the
 * gateway's MAC address once more.
 */
function rebootDevice(place: string, networkId: string | undefined, domain: Domain): Plan {
  const network = networkId === undefined ? undefined : domain.network.get(networkId);
  if (network === undefined || !network.active || network.vlan === undefined) {
    throw new CommandError(
      `${place}: ${networkId === undefined ? 'a VPC' : `network ${networkId}`} has no guest link; expected an implemented network`,
    );
  }
  return plan({
    action: { action: 'reboot-device', hostEnd: guestHostEnd(domain.id, network.vlan) },
    announcements: announcementsOf(network),
  });
}

function announcementsOf({ link, extensionIp }: Network): Plan['announcements'] {
  return link === undefined || extensionIp === undefined ? [] : [{ link, address: extensionIp }];
}
