import { isDeviceName } from '../model/device.js';
import { ContractError } from './contract-error.js';
import { quote } from './quote.js';
import type { RawCall } from './raw-call.js';

/** CONTRACT §1.1. */
const defaultDevice = 'eth1';

/**
 * A host device from the physical network's details, default `eth1`.
 *
 * @throws ContractError when it is given and cannot be an interface's name.
 */
export function deviceOf(call: RawCall, key: 'guest.network.device' | 'public.network.device'): string {
  const device = call.physicalDetails[key];
  if (device === undefined || device === null || device === '') return defaultDevice;
  if (typeof device === 'string' && isDeviceName(device)) return device;
  const shown = typeof device === 'string' ? ` ${quote(device)}` : '';
  throw new ContractError(
    `${call.command}: ${call.physicalDetailsSpelling} "${key}"${shown}: expected the name of a network interface (1 to 15 characters)`,
  );
}
