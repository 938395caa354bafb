// Each command of vpcctl is killed, or refused something, at each thing it asks of the kernel and the disk; repeated, it ends as it should.
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { patience } from '../../host/patience.js';
import { buildProgram } from '../executor/build-program.js';

const commands = [
  'create-vpc',
  'add-subnet',
  'setup-nat',
  'apply-policy',
  'remove-policy',
  'apply',
  'peer',
  'unpeer',
  'delete-vpc',
];

interface Report {
  readonly name: string;
  readonly points: number;
  readonly problems: readonly string[];
}

describe('vpcctl, killed or refused at every point', () => {
  let reports: Report[] = [];

  beforeAll(() => {
    const program = buildProgram('killed-host', import.meta.dirname);
    const argv = [
      '--net',
      '--mount',
      '--propagation',
      'private',
      '--',
      process.execPath,
      '--enable-source-maps',
      program,
    ];
    const output = execFileSync('unshare', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    reports = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Report);
  }, patience(120_000));

  it('was tried with all of them', () => expect(reports.map(({ name }) => name)).toEqual(commands));

  it.each(commands)('%s', (name) => {
    const report = reports.find((one) => one.name === name);
    expect(report?.problems).toEqual([]);
    expect(report?.points).toBeGreaterThan(5);
  });
});
