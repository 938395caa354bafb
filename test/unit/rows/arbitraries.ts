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

/** Members as the rules of a firewall have them, of each kind both required and not. */
export const ruleColumns = {
  type: { kind: 'text', isRequired: true },
  publicIp: { kind: 'text', isRequired: false },
  number: { kind: 'integer', isRequired: true },
  portStart: { kind: 'integer', isRequired: false },
  needed: { kind: 'networks', isRequired: true },
  sourceCidrs: { kind: 'networks', isRequired: false },
} as const;

/** What each rule has. */
export const leastRule = { type: 'tcp', number: 1, needed: [] };

interface Members {
  readonly text: fc.Arbitrary<unknown>;
  readonly integer: fc.Arbitrary<unknown>;
  readonly networks: fc.Arbitrary<unknown>;
}

/** ASCII that needs no escape. */
const plainText = fc.oneof(
  fc.constantFrom('tcp', 'udp', 'icmp', 'ingress', '198.51.100.1', ''),
  fc.string({ unit: fc.constantFrom(...' !#$/09:A[]az{|}~,') }),
);
const isPlain = (text: string) => /^[ !#-[\]-~]*$/.test(text) && !text.includes('\\');

const plain: Members = {
  text: plainText,
  integer: fc.oneof(
    fc.integer({ min: -1, max: 65_535 }),
    fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }),
  ),
  networks: fc.array(networkTexts.filter(isPlain), { maxLength: 4 }),
};

const anyMember: Members = {
  text: fc.oneof({ weight: 9, arbitrary: plainText }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }),
  integer: fc.oneof(
    { weight: 9, arbitrary: fc.integer() },
    { weight: 1, arbitrary: fc.oneof(fc.maxSafeInteger(), fc.double(), fc.constantFrom(-0, 1e15, 1e21, '80', true)) },
  ),
  networks: fc.oneof(
    { weight: 9, arbitrary: fc.array(networkTexts, { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.jsonValue() },
  ),
};

const further = fc.dictionary(
  fc.constantFrom('id', 'destCidrs', 'typ', 'types', 'Type', '', 'a b'),
  fc.jsonValue({ maxDepth: 4 }),
  { maxKeys: 3 },
);

function rule({ text, integer, networks }: Members): fc.Arbitrary<object> {
  const optional = (member: fc.Arbitrary<unknown>) => fc.option(member, { nil: null, freq: 6 });
  const members = fc.record(
    {
      type: text,
      publicIp: optional(text),
      number: integer,
      portStart: optional(integer),
      needed: networks,
      sourceCidrs: optional(networks),
    },
    { requiredKeys: ['type', 'number', 'needed'] },
  );
  return fc
    .tuple(members, further)
    .chain(([known, others]) => {
      const entries = Object.entries({ ...known, ...others });
      return fc.shuffledSubarray(entries, { minLength: entries.length });
    })
    .map((entries) => Object.fromEntries(entries));
}

/** Lists that every reader has to read, whatever their members' order. */
export const plainRules = fc.array(rule(plain), { maxLength: 8 });

/** The same with all that may come instead. */
export const anyRules = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: rule(plain) },
    { weight: 3, arbitrary: rule(anyMember) },
    { weight: 1, arbitrary: fc.jsonValue() },
  ),
  { maxLength: 8 },
);

/** White space between what a JSON text is made of. */
export const indents = fc.constantFrom('', '', ' ', '\t', '\t    ');
