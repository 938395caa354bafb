import type { Vlan } from './values.js';

/**
 * A VLAN as the contract spells it: `100`, `vlan://100`, `untagged`, `vlan://untagged` (CONTRACT §1.2, §9.3: any scheme is stripped).
 * Undefined when it is neither a VLAN id 1–4094 nor untagged; an empty text is not a VLAN either.
 */
export function parseVlan(text: string): Vlan | undefined {
  const value = withoutScheme(text);
  if (/^untagged$/i.test(value)) return 'untagged';
  if (!/^[1-9][0-9]{0,3}$/.test(value)) return undefined;
  const id = Number(value);
  return id <= 4094 ? id : undefined;
}

/** What follows the scheme of a broadcast URI: `vlan://100` → `100`, `vlan://` → ``. */
export function withoutScheme(text: string): string {
  return text.replace(/^[a-z]+:\/\//i, '');
}

/** As it stands in state files and interface names. */
export function formatVlan(vlan: Vlan): string {
  return String(vlan);
}
