import type { AddStaticNat } from '../contract/command.js';
import { change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { type Plan, plan } from './plan.js';
import { connectionsOf } from './public-address.js';
import { requireNetwork, requirePublicVlan } from './require-network.js';

/** add-static-nat: one public address stands for one private address; one that exists moves. */
export function addStaticNat(command: AddStaticNat, domain: Domain): Plan {
  const { publicIp, privateIp, target } = command;
  requireNetwork(command.name, target, domain);
  requirePublicVlan(command.name, command, domain);
  const moves = domain.staticNat.has(publicIp);
  const changes = change(domain, 'staticNat', publicIp, { publicIp, privateIp });
  // Connections of the guest that had the address before belong to the old state.
  return plan({ changes, endConnections: moves && changes.length > 0 ? connectionsOf(publicIp) : [] });
}
