import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { thisKernel } from '../../../src/executor/kernel.js';
import { completionsFor } from '../../../src/vpcctl/cli/completion.js';
import { type Field, fieldValues } from '../../../src/vpcctl/cli/fields.js';
import { createProgram } from '../../../src/vpcctl/cli/program.js';
import { formatList, formatVpc } from '../../../src/vpcctl/cli/show.js';
import { setupNat } from '../../../src/vpcctl/edits/nat.js';
import { peer } from '../../../src/vpcctl/edits/peering.js';
import { MetadataStore } from '../../../src/vpcctl/metadata/store.js';
import { seed } from './scene.js';

let directory = '';
let store: MetadataStore;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'vpcctl-'));
  store = new MetadataStore(directory);
  for (const vpc of seed().values()) store.write(vpc);
});
afterAll(() => rmSync(directory, { recursive: true }));

const program = () =>
  createProgram({
    version: '1',
    context: ({ dryRun }) => ({ kernel: thisKernel, store, dryRun, say: () => undefined }),
  });

describe('values of a command', () => {
  const fields: Field[] = [
    { name: 'vpc', options: ['vpc'] },
    { name: 'subnet', options: ['name'] },
    { name: 'interface', options: ['interface'], optional: true },
  ];
  const values = (words: string[], options = {}) => fieldValues('cmd', fields, words, options);

  it('come in their order, by options, or both', () => {
    expect(values(['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
    expect(values([], { vpc: 'a', name: 'b' })).toEqual(['a', 'b', undefined]);
    expect(values(['b'], { vpc: 'a' })).toEqual(['a', 'b', undefined]);
  });

  it('that are missing or too many are named', () => {
    expect(() => values(['a'])).toThrow('cmd: <subnet> is missing; expected vpcctl cmd <vpc> <subnet> [interface]');
    expect(() => values(['a', 'b', 'c', 'd'])).toThrow(
      'cmd: "d" is too much; expected vpcctl cmd <vpc> <subnet> [interface]',
    );
  });
});

describe('the command line', () => {
  it('has help with an example for every command', () => {
    const commands = program().commands.filter((command) => command.name() !== 'complete');
    expect(commands.map((command) => command.name())).toEqual(
      expect.arrayContaining([
        'create-vpc',
        'add-subnet',
        'setup-nat',
        'peer',
        'unpeer',
        'apply-policy',
        'remove-policy',
        'list',
        'show',
        'exec',
        'graph',
        'delete-vpc',
        'apply',
        'export',
      ]),
    );
    for (const command of commands) {
      const parts: string[] = [];
      command.configureOutput({ writeOut: (part) => void parts.push(part) });
      command.outputHelp();
      expect(parts.join('')).toMatch(/Examples?:\n {2}(?:vpcctl|source)/);
    }
  });

  it.each([
    [[], ['create-vpc', 'list', 'graph']],
    [['show'], ['production', 'staging', '--json']],
    [['peer', 'production'], ['staging']],
    [
      ['exec', 'production'],
      ['web', 'db'],
    ],
    [
      ['add-subnet', 'production', 'x', '10.0.9.0/24'],
      ['public', 'private'],
    ],
    [
      ['add-subnet', '--vpc'],
      ['production', 'staging'],
    ],
    [
      ['graph', '--format'],
      ['svg', 'dot'],
    ],
  ])('completes %j', (words, expected) => {
    expect(completionsFor(program(), store, words)).toEqual(expect.arrayContaining(expected));
  });

  it('completes no VPC twice, and nothing of what it does not know', () => {
    expect(completionsFor(program(), store, ['peer', 'production'])).not.toContain('production');
    expect(completionsFor(program(), store, ['nonsense', 'x'])).toEqual([]);
    expect(completionsFor(program(), store, [])).not.toContain('complete');
  });

  it('lists what there is', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await program().parseAsync(['node', 'vpcctl', 'list', '--json']);
    const [[text] = []] = write.mock.calls;
    write.mockRestore();
    expect(JSON.parse(String(text))).toEqual([...seed().values()]);
  });
});

describe('tables', () => {
  const vpcs = peer(setupNat(seed(), 'production', 'eth0'), 'production', 'staging');

  it('of all VPCs', () => {
    expect(formatList(vpcs)).toBe(
      'VPC         CIDR         BRIDGE         SUBNETS  NAT   PEERS\n' +
        'production  10.0.0.0/16  br-production  2        eth0  staging\n' +
        'staging     10.1.0.0/16  br-staging     1        -     production\n',
    );
  });

  it('of one', () => {
    const vpc = vpcs.get('production');
    const lines = vpc === undefined ? [] : formatVpc(vpc, vpcs).split('\n');
    expect(lines).toContain('NAT      public subnets, out of eth0');
    expect(lines).toContain('web     10.0.1.0/24  public   10.0.1.10  production-web  veth-web  yes  -');
  });
});

describe('the metadata directory', () => {
  it('is no VPC where it has other files, and none at all where it is missing', () => {
    writeFileSync(join(directory, '.lock'), '');
    writeFileSync(join(directory, 'Notes.json'), '');
    expect(store.names()).toEqual(['production', 'staging']);
    expect(store.read()).toEqual(seed());
    expect(new MetadataStore(join(directory, 'none')).names()).toEqual([]);
  });
});
