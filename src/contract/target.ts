import { vpcNamespace } from '../model/names.js';
import type { Vlan } from '../model/values.js';
import type { NetworkTarget, VpcTarget } from './command.js';
import { deviceOf } from './device.js';
import { namespaceOf } from './namespace.js';
import { quote } from './quote.js';
import type { RawCall } from './raw-call.js';
import { isEnding, sharedNetworkOf } from './shared-network.js';
import { identifier, vlan, vlanToRemove } from './values.js';

/** Fields of every network command that builds something. */
export const targetFields = { network_id: identifier, vpc_id: identifier.optional(), vlan };

/** The same for commands that take something away; see {@link vlanToRemove}. */
export const targetToRemoveFields = { ...targetFields, vlan: vlanToRemove };

interface TargetValues {
  readonly network_id: string;
  readonly vpc_id?: string | undefined;
  readonly vlan?: Vlan | undefined;
}

/**
 * Where a network command acts. Commands of a batch that act in the same place have it in common: what is kept of each is the less.
 *
 * @throws ContractError when the details name an impossible device or namespace.
 */
export function targetOf(call: RawCall, values: TargetValues): NetworkTarget {
  warnIfIgnored(call, 'vlan', values.vlan);
  const { fields, physicalDetails, networkDetails } = call;
  const isPlain = fields.guest_type === undefined && fields.network_state === undefined;
  if (
    isPlain &&
    last !== undefined &&
    last.physicalDetails === physicalDetails &&
    last.networkDetails === networkDetails &&
    last.target.networkId === values.network_id &&
    last.target.vpcId === values.vpc_id &&
    last.target.vlan === values.vlan
  ) {
    return last.target;
  }
  const target = newTarget(call, values);
  last = isPlain ? { physicalDetails, networkDetails, target } : undefined;
  return target;
}

/** The last target and what it was made of, if that was nothing else. */
let last: (Pick<RawCall, 'physicalDetails' | 'networkDetails'> & { readonly target: NetworkTarget }) | undefined;

function newTarget(call: RawCall, values: TargetValues): NetworkTarget {
  return {
    networkId: values.network_id,
    vpcId: values.vpc_id,
    namespace: namespaceOf(call, values.network_id, values.vpc_id),
    guestDevice: deviceOf(call, 'guest.network.device'),
    publicDevice: deviceOf(call, 'public.network.device'),
    vlan: values.vlan,
    shared: sharedNetworkOf(call),
    isEnding: isEnding(call),
  };
}

/**
 * Where a command about a whole VPC acts.
 *
 * @throws ContractError when the details name an impossible device.
 */
export function vpcTargetOf(call: RawCall, vpcId: string): VpcTarget {
  return {
    networkId: undefined,
    vpcId,
    namespace: vpcNamespace(vpcId),
    guestDevice: deviceOf(call, 'guest.network.device'),
    publicDevice: deviceOf(call, 'public.network.device'),
  };
}

/** Notes a VLAN that was sent but does not count. */
export function warnIfIgnored(call: RawCall, field: 'vlan' | 'public_vlan', value: Vlan | undefined): void {
  const text = call.fields[field];
  if (value !== undefined || text === undefined) return;
  call.warnings.push(`${call.command}: ${call.spelling(field)} ${quote(text)} is not a VLAN; the saved one counts`);
}
