import type { AddPortForward } from '../contract/command.js';
import type { ConnectionFilter } from '../kernel/connection.js';
import { change } from '../model/change.js';
import { type Domain, type PortForward, portForwardKey } from '../model/domain.js';
import type { LoadBalancerRule } from '../model/load-balancer.js';
import { formatPortRange, portCount } from '../model/ports.js';
import { CommandError } from './command-error.js';
import { type Plan, plan } from './plan.js';
import { requireNetwork, requirePublicVlan } from './require-network.js';

/** IP protocol numbers (IANA). */
const protocolNumber = { tcp: 6, udp: 17 } as const;

const none: readonly never[] = [];

/** add-port-forward: public ports lead to private ports; one that exists moves. */
export function addPortForward(command: AddPortForward, domain: Domain): Plan {
  const { protocol, publicIp, publicPorts, privateIp, privatePorts, target } = command;
  requireNetwork(command.name, target, domain);
  requirePublicVlan(command.name, command, domain);
  const forward: PortForward = { protocol, publicIp, publicPorts, privateIp, privatePorts };
  const key = portForwardKey(forward);
  const known = domain.portForward.get(key);
  const changes = change(domain, 'portForward', key, forward);
  if (changes.length > 0) {
    refuseOverlap(domain, forward, key);
    refuseBalanced(domain, forward);
  }
  return plan({
    changes,
    endConnections: known === undefined || changes.length === 0 ? none : forwardConnections(known),
  });
}

/**
 * A port can lead to one place only. Single ports cannot overlap without having the same key, so only ranges are compared; a
 * range of equal ports may hold single ports, which then go first.
 */
function refuseOverlap(domain: Domain, forward: PortForward, key: string): void {
  const isRange = portCount(forward.publicPorts) > 1;
  const isShifted = isRange && forward.publicPorts.first !== forward.privatePorts.first;
  for (const other of isRange ? domain.portForward.values() : domain.ranges()) {
    if (other.protocol !== forward.protocol || other.publicIp !== forward.publicIp) continue;
    if (portForwardKey(other) === key) continue;
    const otherIsRange = portCount(other.publicPorts) > 1;
    const otherIsShifted = otherIsRange && other.publicPorts.first !== other.privatePorts.first;
    // A range of equal ports lies in a map of its own.
    if (isRange && !isShifted !== (otherIsRange && !otherIsShifted)) continue;
    if (!isRange && !otherIsShifted) continue;
    const apart =
      other.publicPorts.last < forward.publicPorts.first || other.publicPorts.first > forward.publicPorts.last;
    if (apart) continue;
    throw new CommandError(
      `add-port-forward: --public-port "${formatPortRange(forward.publicPorts)}": overlaps the ${other.protocol} forward of ` +
        `${other.publicIp}:${formatPortRange(other.publicPorts)} to ${other.privateIp}; expected ports of its own`,
    );
  }
}

/** What haproxy listens on cannot be forwarded as well. */
function refuseBalanced({ loadBalancer }: Domain, { protocol, publicIp, publicPorts }: PortForward): void {
  if (loadBalancer.size === 0) return;
  const isTaken = (rule: LoadBalancerRule) =>
    rule.publicIp === publicIp && publicPorts.first <= rule.publicPort && rule.publicPort <= publicPorts.last;
  const rule = protocol === 'tcp' ? [...loadBalancer.values()].find(isTaken) : undefined;
  if (rule === undefined) return;
  throw new CommandError(
    `add-port-forward: --public-port "${formatPortRange(publicPorts)}": ${publicIp}:${rule.publicPort} is taken by load balancer ` +
      `rule ${rule.id}; expected ports of its own`,
  );
}

/** The connections a port forward carries. */
export function forwardConnections(
  forward: Pick<PortForward, 'protocol' | 'publicIp' | 'publicPorts'>,
): ConnectionFilter[] {
  const { first, last } = forward.publicPorts;
  const original = { destination: forward.publicIp, protocol: protocolNumber[forward.protocol] };
  if (first === last) return [{ original: { ...original, destinationPort: first } }];
  return [{ original, destinationPorts: { first, last } }];
}
