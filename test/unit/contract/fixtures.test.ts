import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../src/contract/decode.js';
import { decoderOf } from '../../../src/contract/registry.js';

interface Call {
  readonly step: string;
  readonly argv: readonly [string, ...string[]];
  readonly expect: { readonly exit: number };
}

const folder = new URL('../../fixtures/calls/', import.meta.url);
const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';

describe.each(readdirSync(folder).filter((name) => name.endsWith('.gen1.json')))('%s', (name) => {
  const { calls } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { calls: readonly Call[] };
  const known = calls.filter(({ argv }) => decoderOf(argv[0]) !== undefined);

  it('has calls that decode exactly when they may succeed', async () => {
    expect(known.length).toBeGreaterThan(0);
    for (const { step, argv, expect: expected } of known) {
      const result = await decode({ program, arguments: argv, environment: {}, directory: '/' }).then(
        ({ command }) => command.target.networkId,
        (error: unknown) => String(error),
      );
      const networkId = argv[argv.indexOf('--network-id') + 1];
      if (expected.exit === 0) expect(result, step).toBe(networkId);
      else expect(result, step).toMatch(/ContractError/);
    }
  });
});
