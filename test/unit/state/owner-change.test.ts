import * as files from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { FileEdit } from '../../../src/state/file-edit.js';
import { writeGuestData, writeManyGuests } from '../../../src/state/user-data-edits.js';
import { commit } from './file-work.js';
import { toldFiles } from './told-files.js';

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

/** How guests are told something: one by one in directories of their own, or all at once. */
interface Step {
  readonly guests: readonly Told[];
  readonly atOnce: boolean;
}

function editsOf({ guests: list, atOnce }: Step): FileEdit[][] {
  return atOnce ? [writeManyGuests('5', guests(list))] : guests(list).map((guest) => writeGuestData('5', guest));
}

/** By address the VMs of which something is there. */
function owners(root: string): Record<string, string[]> {
  const found: Record<string, Set<string>> = {};
  const note = (ip: string, vm: string) => {
    found[ip] = (found[ip] ?? new Set()).add(vm);
  };
  for (const [path, content] of Object.entries(toldFiles(root))) {
    const ip = /^network-5\/metadata\/([^/]+)\//.exec(path)?.[1];
    if (ip !== undefined) note(ip, content);
    if (path !== 'network-5/passwords') continue;
    for (const line of content.split('\n')) {
      const [guest = '', vm = ''] = line.split('=');
      if (guest !== '') note(guest, vm);
    }
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
  const step = fc.record({ guests: list, atOnce: fc.boolean() });
  const former = fc.array(step, { minLength: 1, maxLength: 2 });

  /** Plays steps, then calls `then` with the edits of the last and what is there before. */
  async function afterwards(steps: readonly Step[], then: (root: string) => Promise<void>): Promise<void> {
    const root = files.mkdtempSync(join(tmpdir(), 'owners-'));
    try {
      for (const edits of steps.flatMap(editsOf)) await (await commit(root, edits)).settle();
      await then(root);
    } finally {
      observe = () => undefined;
      files.rmSync(root, { recursive: true });
    }
  }
  /** The only VM there is: `a` is packed, others have directories. */
  const only = (vm: string): Step => ({
    guests: [{ guestIp: '10.1.1.2', vm, hasUserData: true, hasPassword: true }],
    atOnce: vm === 'a',
  });
  const mixed = (root: string) => Object.entries(owners(root)).filter(([, vms]) => vms.length > 1);

  it('has at no moment what is of two, and does not have it after an end at any moment and a repeat', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(former, step, async (before, after) => {
        await afterwards(before, async (root) => {
          for (const edits of editsOf(after)) {
            const moments: string[] = [];
            const known = new Set([...Object.values(owners(root)).flat(), ...after.guests.map(({ vm }) => vm)]);
            observe = () => {
              expect(mixed(root)).toEqual([]);
              // Nobody who had an address still earlier comes back.
              for (const [vm] of Object.values(owners(root))) expect(known).toContain(vm);
              const moment = `${root}-${moments.length}`;
              files.cpSync(root, moment, { recursive: true });
              moments.push(moment);
            };
            try {
              await (await commit(root, edits)).settle();
              observe = () => undefined;
              expect(mixed(root)).toEqual([]);
              const end = owners(root);
              for (const moment of moments) {
                await (await commit(moment, edits)).settle();
                expect(owners(moment)).toEqual(end);
              }
            } finally {
              for (const path of moments) files.rmSync(path, { recursive: true });
            }
          }
        });
      }),
      { numRuns: 12, examples: [[['a', 'b'].map(only), only('c')]] },
    );
  });

  it('is as it was when that is taken back, and has at no moment of it what is of two', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(former, step, async (before, after) => {
        await afterwards(before, async (root) => {
          for (const edits of editsOf(after)) {
            const there = toldFiles(root);
            const done = await commit(root, edits);
            observe = () => expect(mixed(root)).toEqual([]);
            await done.undo();
            expect(toldFiles(root)).toEqual(there);
            observe = () => undefined;
            await (await commit(root, edits)).settle();
          }
        });
      }),
      { numRuns: 20 },
    );
  });
});
