import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PolicyRouting } from '../../../src/model/policy-routing.js';
import { describeState } from '../../../src/state/describe-state.js';
import { writePolicyRouting } from '../../../src/state/edits.js';
import { loadDomain } from '../../../src/state/load-domain.js';
import { readDomainFiles } from '../../../src/state/read-domain.js';
import { commit } from './file-work.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'state-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const routing = new PolicyRouting(
  [{ table: 100, route: { destination: 'default', gateway: '203.0.113.1' } }],
  [{ table: 100, rule: { priority: 999, to: { address: '192.0.2.0', prefix: 24 } } }],
);

describe('the file policy-routing', () => {
  it.each([{ kind: 'network', id: '5' } as const, { kind: 'vpc', id: '7' } as const])(
    'of $kind reads back as it was written',
    async (id) => {
      await (await commit(root, writePolicyRouting(id, routing.text))).settle();
      const files = await readDomainFiles(root, id);
      expect(files.policyRouting).toEqual(routing);
      expect(files.warnings).toEqual([]);
      expect(loadDomain(id, files, 'x').policyRouting.get(id.id)).toEqual(routing);
      await (await commit(root, writePolicyRouting(id, ''))).settle();
      expect((await readDomainFiles(root, id)).policyRouting).toBeUndefined();
    },
  );

  it('with damaged lines gives the others, and a warning', async () => {
    put('network-5/policy-routing', `${routing.text}route table 5 default; reboot\n`);
    const { policyRouting, warnings } = await readDomainFiles(root, { kind: 'network', id: '5' });
    expect(policyRouting).toEqual(routing);
    expect(warnings).toEqual([expect.stringMatching(/policy-routing" has 1 lines that cannot be read/)]);
  });

  it('that is no file is damaged', async () => {
    mkdirSync(join(root, 'network-5/policy-routing'), { recursive: true });
    const { policyRouting, warnings } = await readDomainFiles(root, { kind: 'network', id: '5' });
    expect(policyRouting?.text).toBe('');
    expect(warnings).toHaveLength(1);
  });
});

describe('a description of the state', () => {
  it('shows the contents of plain files, and only the names of others', () => {
    put('network-5/vlan', '100\n');
    put('network-5/cidr', '\n');
    put('network-5/policy-routing', routing.text);
    put('network-5/ips/203.0.113.7', 'true\n');
    for (const secret of [
      'passwords',
      'metadata/10.1.1.1/latest/user-data',
      'haproxy/1.json',
      'dnsmasq/hosts',
      'ips/.vlan/x',
      'x/vlan',
    ]) {
      put(`network-5/${secret}`, 'SECRET\n');
    }
    put('network-5/a\nvlan', 'SECRET\n');
    symlinkSync('/etc/passwd', join(root, 'network-5/gateway'));
    const text = describeState(root, 'network-5');
    expect(text).not.toContain('SECRET');
    expect(text).not.toContain('root:');
    expect(text.split('\n')).toEqual(
      expect.arrayContaining([
        'vlan: 100',
        'cidr:',
        'policy-routing: route table 100 default via 203.0.113.1',
        '    rule table 100 priority 999 to 192.0.2.0/24',
        'ips/203.0.113.7: true',
        'passwords',
        'haproxy/1.json',
        'gateway (no regular file)',
        '"a\\nvlan"',
      ]),
    );
  });

  it('of what is not there says so', () => {
    expect(describeState(root, 'network-5')).toMatch(/cannot be read \(ENOENT\)/);
  });

  // Thousands of files: a second or more where the disk is busy.
  it('does not grow without end', { timeout: 60_000 }, () => {
    mkdirSync(join(root, 'network-5/port-forward'), { recursive: true });
    for (let port = 1; port <= 2_100; port++) put(`network-5/port-forward/tcp_203.0.113.7_${port}`, 'x\n');
    const lines = describeState(root, 'network-5').trimEnd().split('\n');
    expect(lines).toHaveLength(2_001);
    expect(lines.at(-1)).toBe('… and 101 more');
  });
});
