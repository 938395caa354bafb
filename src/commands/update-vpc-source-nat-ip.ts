import type { UpdateVpcSourceNatIp } from '../contract/command.js';
import { change, preview } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { CommandError } from './command-error.js';
import { gateways } from './place.js';
import { type Plan, plan } from './plan.js';
import { assignedLinks } from './public-address.js';
import { sourceNatChanges } from './vpc-source-nat.js';

/**
 * update-vpc-source-nat-ip: guests of all tiers go out with another address. The address they had before stays, with its static NAT, its
 * port forwards and its connections.
 */
export function updateVpcSourceNatIp(command: UpdateVpcSourceNatIp, domain: Domain): Plan {
  const { target, sourceNat } = command;
  if (!domain.present) {
    throw new CommandError(
      `update-vpc-source-nat-ip: --vpc-id "${target.vpcId}": namespace ${target.namespace} does not exist; expected implement-vpc first`,
    );
  }
  const { address, changes: ofAddress } = sourceNatChanges(command.name, target, domain, sourceNat);
  const changes = [...change(domain, 'vpc', target.vpcId, { cidr: command.cidr ?? domain.vpcCidr }), ...ofAddress];
  const after = preview(domain, changes);
  return plan({
    links: {
      ...assignedLinks(target, domain, after, address),
      defaultRoute: { candidates: gateways(after), keep: false },
    },
    changes,
    announcements: [{ link: address.link, address: address.address }],
  });
}
