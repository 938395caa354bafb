import fc from 'fast-check';

const octet = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 255 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '00', '01', '010', '256', '999', '1000', '4294967296', ' 1', '1 ', '-1', 'a'),
  },
);
const address = fc.oneof(
  { weight: 20, arbitrary: fc.array(octet, { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.')) },
  { weight: 1, arbitrary: fc.array(octet, { maxLength: 6 }).map((octets) => octets.join('.')) },
);
const prefix = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 32 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('', '00', '08', '33', '40', '100', '255', '-1', '8 ', '8\n', '8/8', 'a') },
);

/** IPv4 networks, such as are nearly that, and other texts. */
export const networkTexts = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(address, prefix).map(([before, after]) => `${before}/${after}`) },
  { weight: 2, arbitrary: address },
  { weight: 1, arbitrary: fc.constantFrom('2001:db8::/64', '::/0', '::ffff:192.0.2.1/96', 'any', '/', '') },
  { weight: 1, arbitrary: fc.string() },
);
