/** Where a network command acts: the names of its links and the domain it belongs to. */

import type { NetworkTarget, Target } from '../contract/command.js';
import { parseAddress } from '../model/address.js';
import type { Domain, DomainId } from '../model/domain.js';
import { guestVeth, hostSide, publicVeth } from '../model/names.js';
import type { Vlan } from '../model/values.js';
import type { Gateway, HostBridge, VethPair } from './plan.js';

let last: { readonly target: Target; readonly id: DomainId } | undefined;

/** The domain of a target: the VPC for a tier and for the VPC itself, else the network. Commands that have their target in common have this, too. */
export function domainIdOf(target: Target): DomainId {
  if (last?.target !== target) last = { target, id: newDomainId(target) };
  return last.id;
}

function newDomainId(target: Target): DomainId {
  if (target.networkId === undefined) return { kind: 'vpc', id: target.vpcId };
  return target.vpcId === undefined ? { kind: 'network', id: target.networkId } : { kind: 'vpc', id: target.vpcId };
}

/** The guest side of a VLAN: bridge, port and veth pair. */
export function guestSide(target: NetworkTarget, vlan: Vlan): { readonly bridge: HostBridge; readonly pair: VethPair } {
  return side(target.guestDevice, 'guest.network.device', vlan, guestVeth(vlan, domainIdOf(target).id));
}

/** The public side of a VLAN: bridge, port and veth pair. */
export function publicSide(target: Target, vlan: Vlan): { readonly bridge: HostBridge; readonly pair: VethPair } {
  return side(target.publicDevice, 'public.network.device', vlan, publicVeth(vlan, domainIdOf(target).id));
}

function side(
  device: string,
  detail: HostBridge['detail'],
  vlan: Vlan,
  veth: ReturnType<typeof guestVeth>,
): { readonly bridge: HostBridge; readonly pair: VethPair } {
  const names = hostSide(device, vlan);
  return {
    bridge: { bridge: names.bridge, port: names.port, device, detail, vlan },
    pair: { host: veth.host, inside: veth.namespace, bridge: names.bridge, form: veth.form },
  };
}

/** Host end of the pair that a guest VLAN of this domain has. */
export function guestHostEnd(id: DomainId, vlan: Vlan): string {
  return guestVeth(vlan, id.id).host;
}

/** Host end of the pair that a public VLAN of this domain has. */
export function publicHostEnd(id: DomainId, vlan: Vlan): string {
  return publicVeth(vlan, id.id).host;
}

/**
 * The ways out of the domain, best first: the gateway of the source NAT address, `preferred` (the address the command is about),
 * the other public gateways, then the guest-side router of a network whose gateway is another machine.
 */
export function gateways(domain: Pick<Domain, 'network' | 'address'>, preferred?: string): Gateway[] {
  const rank = (address: { readonly address: string; readonly sourceNat: boolean }) =>
    address.sourceNat ? 0 : address.address === preferred ? 1 : 2;
  // Of equals the lowest is first: the order of a map is that of the calls or, after a restart, of the state directory.
  const candidates: Gateway[] = [...domain.address.values()]
    .sort((a, b) => rank(a) - rank(b) || (parseAddress(a.address) ?? 0) - (parseAddress(b.address) ?? 0))
    .flatMap(({ gateway, link }) => (gateway === undefined ? [] : [{ gateway, link }]));
  const byId = [...domain.network.values()].sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
  for (const network of byId) {
    const { active, gateway, extensionIp, link } = network;
    if (active && gateway !== undefined && link !== undefined && extensionIp !== undefined && extensionIp !== gateway) {
      candidates.push({ gateway, link });
    }
  }
  return candidates;
}
