import { z } from 'zod';
import { isAddress } from '../model/address.js';
import { isDeviceName } from '../model/device.js';

/** What the shell wrapper does not keep of a public address, but a rebuild after a reboot needs. */
export interface PublicRange {
  /** Prefix length of the public range, 0–32. */
  readonly prefix: number;
  readonly gateway: string | undefined;
  /** Name of the namespace end that carries the address, when it is not the one its VLAN gives. */
  readonly interface: string | undefined;
}

const schema = z.object({
  prefix: z.int().min(0).max(32),
  gateway: z.string().refine(isAddress).optional(),
  interface: z.string().refine(isDeviceName).optional(),
});

/** One JSON line; undefined members are left out. */
export function formatPublicRange(range: PublicRange): string {
  return `${JSON.stringify(range)}\n`;
}

export function parsePublicRange(text: string): PublicRange | undefined {
  try {
    const { prefix, gateway, interface: name } = schema.parse(JSON.parse(text));
    return { prefix, gateway, interface: name };
  } catch {
    return undefined;
  }
}
