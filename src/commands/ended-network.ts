import type { Command } from '../contract/command.js';
import type { Domain } from '../model/domain.js';
import { servesGuests } from './guest-commands.js';
import { type Plan, plan } from './plan.js';
import { isImplemented } from './require-network.js';

/** Commands that otherwise need a network that is there, beside those that serve its guests. */
const needsNetwork: ReadonlySet<Command['name']> = new Set<Command['name']>(['add-static-nat', 'add-port-forward']);

/**
 * A command about a network that the management server ends, or has ended, and that is gone: there is nothing for it to do (CONTRACT §10,
 * §11.22). Undefined for any other command.
 */
export function planEnded(
  command: Command,
  domain: Domain,
  planOne: (command: Command, domain: Domain) => Plan,
): Plan | undefined {
  const { name, target } = command;
  if (target.networkId === undefined || target.isEnding !== true || isImplemented(target, domain)) return undefined;
  const notes = [`${name}: network ${target.networkId} is ended and not there any more; there is nothing to do`];
  if (needsNetwork.has(name) || servesGuests.has(name)) return plan({ notes });
  // Its rules are sent with those that stay in the data base (CONTRACT §11.15).
  if (name !== 'apply-lb-rules' || command.rules.length === 0) return undefined;
  return planOne({ ...command, rules: [] }, domain);
}
