import type { DestroyVpc } from '../contract/command.js';
import type { Domain } from '../model/domain.js';
import type { Plan } from './plan.js';
import { endVpc } from './shutdown-vpc.js';

/** destroy-vpc: as shutdown-vpc, and nothing of the VPC or its tiers stays in the state. */
export function destroyVpc(_command: DestroyVpc, domain: Domain): Plan {
  return endVpc(domain, false);
}
