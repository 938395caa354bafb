import type { DestroyNetwork } from '../contract/command.js';
import type { Domain } from '../model/domain.js';
import type { Plan } from './plan.js';
import { endNetwork } from './shutdown-network.js';

/** destroy-network: as shutdown-network, and nothing of the network stays in the state. */
export function destroyNetwork(command: DestroyNetwork, domain: Domain): Plan {
  return endNetwork(command, domain, undefined);
}
