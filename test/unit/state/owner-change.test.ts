import * as files from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { writeGuestData } from '../../../src/state/user-data-edits.js';
import { commit } from './file-work.js';

/** Called after each step that others can see. */
let observe: () => void = () => undefined;

vi.mock('node:fs', async (load) => {
  const real = await load<typeof files>();
  return {
    ...real,
    renameSync: (from: string, to: string) => {
      real.renameSync(from, to);
      observe();
    },
    unlinkSync: (path: string) => {
      real.unlinkSync(path);
      observe();
    },
  };
});

/** A guest as it is told: which VM it is, and what else of it is said. */
interface Told {
  readonly guestIp: string;
  readonly vm: string;
  readonly hasUserData: boolean;
  readonly hasPassword: boolean;
}

const guests = (list: readonly Told[]) =>
  list.map(({ guestIp, vm, hasUserData, hasPassword }) => ({
    guestIp,
    files: [
      ...(hasUserData ? [{ path: 'user-data', content: Buffer.from(vm) }] : []),
      { path: 'meta-data/instance-id', content: Buffer.from(vm) },
      { path: 'meta-data/local-hostname', content: Buffer.from(vm) },
    ],
    password: hasPassword ? vm : undefined,
  }));

/** By address the VMs of which something is there. */
function owners(root: string): Record<string, string[]> {
  const found: Record<string, Set<string>> = {};
  const note = (ip: string, vm: string) => {
    found[ip] = (found[ip] ?? new Set()).add(vm);
  };
  const metadata = join(root, 'network-5/metadata');
  const addresses = files.existsSync(metadata) ? files.readdirSync(metadata) : [];
  for (const ip of addresses) {
    for (const entry of files.readdirSync(join(metadata, ip), { recursive: true, withFileTypes: true })) {
      const isShown = entry.isFile() && !entry.name.startsWith('.');
      if (isShown) note(ip, files.readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    }
  }
  const passwords = join(root, 'network-5/passwords');
  const lines = files.existsSync(passwords) ? files.readFileSync(passwords, 'utf8').split('\n') : [];
  for (const line of lines) {
    const [ip = '', vm = ''] = line.split('=');
    if (ip !== '') note(ip, vm);
  }
  return Object.fromEntries(Object.entries(found).map(([ip, vms]) => [ip, [...vms].sort()]));
}

describe('an address that is given to another VM', () => {
  const told = fc.record({
    guestIp: fc.constantFrom('10.1.1.2', '10.1.1.3', '10.1.1.4'),
    vm: fc.constantFrom('a', 'b', 'c'),
    hasUserData: fc.boolean(),
    hasPassword: fc.boolean(),
  });
  const list = fc.uniqueArray(told, { selector: ({ guestIp }) => guestIp, minLength: 1 });

  it('has at no moment what is of two, and does not have it after an end at any moment and a repeat', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(list, list, async (before, after) => {
        const root = files.mkdtempSync(join(tmpdir(), 'owners-'));
        const moments: string[] = [];
        try {
          await (await commit(root, writeGuestData('5', guests(before)))).settle();
          const mixed = () => Object.entries(owners(root)).filter(([, vms]) => vms.length > 1);
          observe = () => {
            expect(mixed()).toEqual([]);
            const moment = `${root}-${moments.length}`;
            files.cpSync(root, moment, { recursive: true });
            moments.push(moment);
          };
          const edits = writeGuestData('5', guests(after));
          await (await commit(root, edits)).settle();
          observe = () => undefined;
          expect(mixed()).toEqual([]);
          const end = owners(root);
          for (const moment of moments) {
            await (await commit(moment, edits)).settle();
            expect(owners(moment)).toEqual(end);
          }
        } finally {
          observe = () => undefined;
          for (const path of [root, ...moments]) files.rmSync(path, { recursive: true });
        }
      }),
      { numRuns: 40 },
    );
  });
});
