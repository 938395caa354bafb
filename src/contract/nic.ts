import type { RawCall } from './raw-call.js';
import { address, dnsName, flag } from './values.js';

/** What is said of a NIC beside its addresses. */
export const nicFields = { hostname: dnsName.optional(), gateway: address.optional(), default_nic: flag.optional() };

interface NicValues {
  readonly hostname?: string | undefined;
  readonly gateway?: string | undefined;
  readonly default_nic?: boolean | undefined;
}

/** Without `default_nic` it is the default NIC: a guest without a router would be cut off. */
export function nicOf({ fields }: RawCall, { hostname, gateway, default_nic: isDefault }: NicValues) {
  return { hostname, gateway, isDefaultNic: fields.default_nic === undefined || isDefault === true };
}
