import fc from 'fast-check';
import { formatAddress } from '../../../src/model/address.js';
import type { PortRange, Vlan } from '../../../src/model/values.js';

export const anyVlan: fc.Arbitrary<Vlan> = fc.oneof(
  fc.integer({ min: 1, max: 4094 }),
  fc.constant('untagged' as const),
);

export const anyIdentifier: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 1, max: 5000 }).map(BigInt), fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }))
  .map(String);

export const anyAddress: fc.Arbitrary<string> = fc.integer({ min: 0, max: 0xffffffff }).map(formatAddress);

/** Not 0/8, 127/8 or 224/3. */
export const anyHostAddress: fc.Arbitrary<string> = fc
  .integer({ min: 0x01000000, max: 0xdfffffff })
  .filter((value) => value >>> 24 !== 127)
  .map(formatAddress);

const anyPort = fc.integer({ min: 1, max: 65535 });

export const anyPortRange: fc.Arbitrary<PortRange> = fc
  .tuple(anyPort, anyPort)
  .map(([one, other]) => ({ first: Math.min(one, other), last: Math.max(one, other) }));
