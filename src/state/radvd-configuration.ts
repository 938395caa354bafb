/** `radvd.conf` of one network: written from the model (radvd.conf(5), RFC 4861, RFC 8106). */

import { formatCidr } from '../model/address.js';
import type { GuestIpv6 } from '../model/domain.js';

/**
 * The text of `radvd.conf`. Guests make their addresses themselves in the one network there is; a guest that comes up hears of it within 15 s,
 * or at once when it asks.
 */
export function formatRadvdConfiguration(link: string, { cidr, resolvers }: GuestIpv6): string {
  return [
    '# Written by cloudstack-netns; changes are lost.',
    `interface ${link}`,
    '{',
    '  AdvSendAdvert on;',
    '  MinRtrAdvInterval 5;',
    '  MaxRtrAdvInterval 15;',
    // Longer than the longest pause until a radvd that died is started again.
    '  AdvDefaultLifetime 180;',
    `  prefix ${formatCidr(cidr)}`,
    '  {',
    '    AdvOnLink on;',
    '    AdvAutonomous on;',
    '  };',
    // One definition takes three at most.
    ...resolvers.flatMap((resolver) => [`  RDNSS ${resolver}`, '  {', '  };']),
    '};',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** Name of the guest link in a `radvd.conf`. */
export function advertisedLink(text: string): string | undefined {
  return /^interface (\S+)$/m.exec(text)?.[1];
}
