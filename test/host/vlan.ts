/** A VLAN of the wire: an 802.1Q id, or the device itself. */
export type Vlan = number | 'untagged';

/** Reads what CloudStack calls a VLAN: `100`, `vlan://100`, `untagged`, `vlan://untagged`. */
export function parseVlan(text: string | number): Vlan {
  const plain = String(text).replace(/^vlan:\/\//, '');
  return plain === 'untagged' ? plain : Number(plain);
}

/** The interface of a VLAN on a device. */
export function vlanLink(device: string, vlan: Vlan): string {
  return vlan === 'untagged' ? device : `${device}.${vlan}`;
}
