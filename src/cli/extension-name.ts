import { z } from 'zod';

/** The name used where none is given; it is also what CloudStack's documentation calls the extension. */
export const defaultExtensionName = 'network-namespace';

const extensionName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

/** Name of an extension: of its directory, its wrapper and its state. Fails with a line for the user. */
export function parseExtensionName(value: string): string {
  const result = extensionName.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`--name ${JSON.stringify(value)}: expected up to 64 letters, digits, dots, dashes and underscores`);
}
