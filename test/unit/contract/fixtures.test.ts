import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallError } from '../../../src/contract/call-error.js';
import { decode } from '../../../src/contract/decode.js';

interface Call {
  readonly step: string;
  readonly argv: readonly [string, ...string[]];
  /** Contents of the files that arguments name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly expect: { readonly exit: number };
}

const folder = new URL('../../fixtures/calls/', import.meta.url);
const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fixtures-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** The arguments, with the names of real files in the places of those that stand for one. */
function withFiles({ argv, files = {} }: Call): string[] {
  return argv.map((argument) => {
    const content = files[argument];
    if (content === undefined) return argument;
    const path = join(directory, argument);
    writeFileSync(path, content);
    return path;
  });
}

/** The network a call is about, or the VPC. */
function subjectOf({ argv, files = {} }: Call): string | undefined {
  const [, name = ''] = argv;
  const content = files[name];
  if (content === undefined) {
    const option = argv.includes('--network-id') ? '--network-id' : '--vpc-id';
    return argv[argv.indexOf(option) + 1];
  }
  const envelope = JSON.parse(content) as Partial<Record<string, string>> & { payload?: Record<string, string> };
  const { network_id: network, vpc_id: vpc } = envelope.payload ?? envelope;
  return network ?? vpc;
}

/** What the call is about, or the error. */
function resultOf(argv: readonly string[]): string | undefined {
  try {
    const { command } = decode({ program, arguments: argv, environment: {}, directory: '/' });
    // Whether there is a hook for an action is seen on the host only.
    if (command.name === 'custom-action' && command.request.action === 'hook') return 'hook';
    return command.target.networkId ?? command.target.vpcId;
  } catch (error) {
    return String(error instanceof CallError ? error.cause : error);
  }
}

describe.each(readdirSync(folder).filter((name) => name.endsWith('.json')))('%s', (name) => {
  const { calls } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { calls: readonly Call[] };

  it('has calls that decode exactly when they may succeed', () => {
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) {
      const { step, expect: expected } = call;
      const result = resultOf(withFiles(call));
      if (expected.exit === 0) expect(result, step).toBe(subjectOf(call));
      else expect(result, step).toMatch(/ContractError|hook/);
    }
  });
});
