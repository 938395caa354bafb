import type { Command, ImplementNetwork, NetworkTarget } from '../contract/command.js';
import { applyChange, revertChanges } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { CommandError } from './command-error.js';
import { servesGuests } from './guest-commands.js';
import { implementNetwork } from './implement-network.js';
import { MergedPlan } from './merged-plan.js';
import type { Plan } from './plan.js';
import { isImplemented } from './require-network.js';

/**
 * A command that is the first about a shared network: CloudStack holds such a network for implemented from the start (CONTRACT §4.7), so it is
 * built with what the command says of it. Undefined for any other command.
 */
export function planFirstUse(
  command: Command,
  domain: Domain,
  planOne: (command: Command, domain: Domain) => Plan,
): Plan | undefined {
  const { target } = command;
  if (target.networkId === undefined || target.shared === undefined) return undefined;
  if (!servesGuests.has(command.name) || isImplemented(target, domain)) return undefined;
  const first = implementNetwork(implementationOf(command.name, target, domain), domain);
  const { present } = domain;
  for (const change of first.changes) applyChange(domain, change);
  domain.present = true;
  try {
    const merged = new MergedPlan();
    merged.add(first);
    if (!merged.add(planOne(command, domain)) || merged.plan === undefined) {
      throw new Error(`${command.name}: network ${target.networkId} cannot be built with this command; repeat it`);
    }
    return merged.plan;
  } finally {
    domain.present = present;
    revertChanges(domain, first.changes);
  }
}

function implementationOf(name: Command['name'], target: NetworkTarget, domain: Domain): ImplementNetwork {
  const known = domain.network.get(target.networkId);
  const vlan = target.vlan ?? known?.vlan;
  const { gateway, cidr, extensionIp } = target.shared ?? {};
  const missing =
    vlan === undefined
      ? 'vlan'
      : (cidr ?? known?.cidr) === undefined
        ? 'cidr'
        : (extensionIp ?? gateway ?? known?.extensionIp ?? known?.gateway) === undefined
          ? 'extension_ip'
          : undefined;
  if (missing !== undefined) {
    throw new CommandError(
      `${name}: network ${target.networkId} is shared and not there yet: ${missing} is missing; expected what to build it with`,
    );
  }
  return {
    name: 'implement-network',
    target: { ...target, vlan },
    gateway: gateway ?? known?.gateway,
    cidr: cidr ?? known?.cidr,
    extensionIp: extensionIp ?? known?.extensionIp,
    ipv6: undefined,
  };
}
