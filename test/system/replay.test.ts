import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callDirectory, readCallFile } from '../host/call-file.js';
import { ExpectedFailures } from '../host/expected-failures.js';
import type { TestHost } from '../host/host.js';
import { patience } from '../host/patience.js';
import { hostFor, play } from '../host/replay.js';

/** What is there at the end of a file, by README.md of the calls; undefined where its steps say. */
const leftAtTheEnd: Readonly<Record<string, 'nothing' | readonly string[] | undefined>> = {
  'isolated-network': 'nothing',
  'vpc-two-tiers': 'nothing',
  'shared-network': 'nothing',
  'policy-routing': 'nothing',
  'dual-stack': 'nothing',
  'restart-with-cleanup': ['cs-net-220'],
  'firewall-large': ['cs-net-230'],
};

/** What the VM's kernel and its VLANs are tried with: a file takes a minute there. `CSN_EVERY_REPLAY=1` plays all. */
const inVm = ['vpc-two-tiers.gen1.json'];
const isWhole = process.env.CSN_REAL_VLAN !== '1' || process.env.CSN_EVERY_REPLAY === '1';

const files = readdirSync(callDirectory).filter((name) => name.endsWith('.json') && (isWhole || inVm.includes(name)));

describe('calls of CloudStack, played in order on one host', () => {
  test.each(files)(
    '%s',
    async (name) => {
      const expected = await ExpectedFailures.read();
      const file = await readCallFile(join(callDirectory, name));
      const host = await hostFor(file);
      try {
        await host.install();
        const complaints: string[] = [];
        for await (const played of play(host, file))
          complaints.push(
            ...expected
              .complaints(name, played)
              .map((text) => `call ${played.index} ${played.call.argv[0]} (${played.call.step}): ${text}`),
          );
        expect(complaints).toEqual([]);
        await checkEnd(host, file.name);
      } finally {
        await host.destroy();
      }
    },
    patience(60_000),
  );
});

async function checkEnd(host: TestHost, name: string): Promise<void> {
  const left = leftAtTheEnd[name];
  if (left === undefined) return;
  expect(await host.namespaces()).toEqual(left === 'nothing' ? [] : left);
  if (left !== 'nothing') return;
  const links = (await host.self.links()).map((link) => link.ifname);
  expect(links.filter((link) => /^(vh|vph|vn|vpn)-/.test(link))).toEqual([]);
  // CloudStack never sends destroy-vpc: nothing of a VPC may wait for it either.
  expect(Object.keys(await host.state())).toEqual([]);
  expect((await host.self.run(['find', '/etc/netns', '-type', 'f'])).stdout).toBe('');
}
