import { type Change, change } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { guestKey, type Lease, ofNetwork } from '../model/name-service.js';
import { endLease, endOptions, optionsTo } from './dhcp-entry.js';
import type { FreedAddress } from './plan.js';

/** What becomes of the leases of a network when others take their place. */
export interface ReplacedLeases {
  readonly changes: readonly Change[];
  /** Addresses that nobody has any more. */
  readonly left: readonly string[];
  readonly freed: readonly FreedAddress[];
}

/**
 * The leases of a network and no others. What comes out is what remove-dhcp-entry for each NIC that is not among them and add-dhcp-entry
 * for each that is would leave, except that a NIC that stays keeps its options also when others exchange their addresses.
 *
 * @param leases no MAC and no IP address twice
 */
export function replaceLeases(networkId: string, leases: readonly Lease[], domain: Domain): ReplacedLeases {
  const before = ofNetwork(domain.lease.values(), networkId);
  const byMac = new Map(leases.map((lease) => [lease.mac, lease]));
  const byIp = new Map(leases.map((lease) => [lease.ip, lease]));
  const ended = before.filter(({ mac }) => !byMac.has(mac));
  const left = [...new Set(before.map(({ ip }) => ip))].filter((ip) => !byIp.has(ip));
  return {
    changes: [
      ...ended.flatMap((lease) => {
        const successor = byIp.get(lease.ip);
        const options = successor === undefined ? endOptions(domain, lease) : optionsTo(domain, lease, successor.mac);
        return [...endLease(domain, lease), ...options];
      }),
      ...inOrder(
        domain,
        before.filter(({ mac }) => byMac.has(mac)),
        leases,
      ),
    ],
    left,
    freed: [...leases.map(({ ip, mac }) => ({ ip, keep: mac })), ...left.map((ip) => ({ ip, keep: undefined }))],
  };
}

/** Leases keep their places as long as the order is the same; from the first other one on they are put at the end anew. */
function inOrder(domain: Domain, before: readonly Lease[], leases: readonly Lease[]): Change[] {
  const different = leases.findIndex(({ mac }, index) => before[index]?.mac !== mac);
  const inPlace = different === -1 ? leases.length : different;
  return leases.flatMap((lease, index): Change[] => {
    const key = guestKey(lease.networkId, lease.mac);
    const known = domain.lease.get(key);
    if (index < inPlace || known === undefined) return change(domain, 'lease', key, lease);
    return [
      { kind: 'lease', key, before: known, after: undefined },
      { kind: 'lease', key, before: undefined, after: lease },
    ];
  });
}
