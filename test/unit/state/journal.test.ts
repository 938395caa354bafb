import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DomainId } from '../../../src/model/domain.js';
import type { FileEdit } from '../../../src/state/file-edit.js';
import { decodeRecords, encodeRecord } from '../../../src/state/journal-record.js';
import { domainsWithJournal } from '../../../src/state/left-journal.js';
import { StateDirectory } from '../../../src/state/state-directory.js';
import { commit, fileWork } from './file-work.js';
import { tryLock } from './try-lock.js';

const domain: DomainId = { kind: 'network', id: '5' };
const journal = '.journal-network-5';

let root: string;
let state: StateDirectory;
const reports: string[] = [];

/** Nothing follows by itself, unless a test says so. */
const never = { few: 3_600_000, many: 3_600_000 };

const open = (deadline = 5_000, calm = never) =>
  new StateDirectory({
    root,
    tryLock,
    files: fileWork,
    lockDeadline: deadline,
    calm,
    report: (line) => void reports.push(line),
  });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'journal-'));
  mkdirSync(join(root, 'network-5'), { mode: 0o700 });
  reports.length = 0;
  state = open();
});

afterEach(async () => {
  await state.close();
  rmSync(root, { recursive: true, force: true });
});

const path = (port: number) => `network-5/port-forward/tcp_203.0.113.7_${port}`;

/** So many port forwards, which is more than is done file by file. */
function many(content: string, count = 20): FileEdit[] {
  return Array.from({ length: count }, (_, port) => ({ path: path(port), content }));
}

const contentOf = (port: number) =>
  existsSync(join(root, path(port))) ? readFileSync(join(root, path(port)), 'utf8') : undefined;

async function done(edits: readonly FileEdit[], directory = state): Promise<void> {
  await (await directory.commit(domain, edits)).settle();
}

/** Leaves a journal as a process does that is killed. */
async function leave(edits: readonly FileEdit[]): Promise<void> {
  const killed = open();
  await killed.commit(domain, edits);
}

describe('edits that are put off', () => {
  it('are in one file, for root only, until they are in theirs', async () => {
    await done(many('a\n'));
    expect(readdirSync(root).sort()).toEqual([journal, 'network-5']);
    expect(statSync(join(root, journal)).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(root, 'network-5'))).toEqual([]);
    await state.settle(domain);
    expect(contentOf(19)).toBe('a\n');
    expect(statSync(join(root, path(19))).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(root, 'network-5/port-forward'))).toHaveLength(20);
    expect(readdirSync(root)).toEqual(['network-5']);
  });

  it('are in their files at once when they are few, and then on disk when there is calm', async () => {
    await done([...many('a\n', 3), { path: 'network-5/vlan', content: '7\n' }]);
    expect([contentOf(0), contentOf(2), readFileSync(join(root, 'network-5/vlan'), 'utf8')]).toEqual([
      'a\n',
      'a\n',
      '7\n',
    ]);
    expect(decodeRecords(readFileSync(join(root, journal)))).toHaveLength(4);
    await done([{ path: path(0), remove: true }]);
    expect(contentOf(0)).toBeUndefined();
    await done(many('b\n'));
    // Behind those that wait nobody overtakes.
    await done(many('c\n', 1));
    expect(contentOf(0)).toBeUndefined();
    await state.settle(domain);
    expect([contentOf(0), contentOf(1), readdirSync(root)]).toEqual(['c\n', 'b\n', ['network-5']]);
  });

  it('are not those about files that running programs read, nor removals where nothing is', async () => {
    const direct = async (edits: readonly FileEdit[]) => {
      await done(edits);
      return !existsSync(join(root, journal));
    };
    expect(await direct([...many('b\n'), { path: 'network-5/dnsmasq/hosts', content: 'x\n' }])).toBe(true);
    expect(contentOf(1)).toBe('b\n');
    expect(await direct(many('c\n'))).toBe(false);
    // What is about other files need not wait for those.
    expect(await direct([{ path: 'network-5/dnsmasq/hosts', content: 'y\n' }])).toBe(false);
    expect(readFileSync(join(root, 'network-5/dnsmasq/hosts'), 'utf8')).toBe('y\n');
    // What is about the same has them in files first: else the journal of a killed process would bring them back.
    expect(await direct([...many('e\n', 1), { path: 'network-5/dnsmasq/hosts', content: 'z\n' }])).toBe(true);
    expect([contentOf(0), contentOf(1)]).toEqual(['e\n', 'c\n']);
    expect(await direct(many('f\n'))).toBe(false);
    expect(await direct([{ path: 'network-5/port-forward', removeTree: true }])).toBe(true);
    expect(contentOf(0)).toBeUndefined();
    rmSync(join(root, 'network-5'), { recursive: true });
    expect(await direct([{ path: path(0), remove: true }])).toBe(true);
    expect(readdirSync(root)).toEqual([]);
  });

  it('follow by themselves when nothing more comes, and then the lock is let go', async () => {
    const soon = open(5_000, { few: 2, many: 100 });
    const lock = await soon.lock(domain);
    await done(many('a\n'), soon);
    lock.release();
    expect(existsSync(join(root, journal))).toBe(true);
    // Another process waits for the lock, and finds everything in files.
    const other = await open().lock(domain);
    expect(contentOf(7)).toBe('a\n');
    expect(existsSync(join(root, journal))).toBe(false);
    other.release();
  });

  it('keep the lock from others, and lend it to the next command of this process', async () => {
    (await lockedCommit(many('a\n'))).release();
    const again = await state.lock(domain);
    await expect(open(0).lock(domain)).rejects.toThrow('another process holds this lock');
    await done(many('b\n', 2));
    again.release();
    await state.settle(domain);
    (await open(0).lock(domain)).release();
    expect([contentOf(0), contentOf(2)]).toEqual(['b\n', 'a\n']);
  });

  it('can be undone', async () => {
    await done(many('a\n'));
    const second = await state.commit(domain, many('b\n'));
    await second.undo();
    await state.settle(domain);
    expect(contentOf(0)).toBe('a\n');
    const third = await state.commit(domain, many('c\n'));
    await third.undo();
    expect(readdirSync(root)).toEqual(['network-5']);
    expect(contentOf(0)).toBe('a\n');
    await expect(third.undo()).rejects.toThrow('settled');
  });

  it('are not taken away with those that can still be undone', async () => {
    await done(many('a\n'));
    const second = await state.commit(domain, many('b\n'));
    await state.settle(domain);
    expect(contentOf(0)).toBe('a\n');
    expect(decodeRecords(readFileSync(join(root, journal)))).toHaveLength(40);
    await second.settle();
    await state.settle(domain);
    expect(contentOf(0)).toBe('b\n');
  });

  it('are read by nobody before they are in files', async () => {
    await done([{ path: 'network-5/vlan', content: '7\n' }]);
    await done(many('tcp 203.0.113.7 1 10.0.0.1 1\n'));
    const { portForwards } = await state.readDomainFiles(domain);
    expect(portForwards).toHaveLength(1);
  });

  it('are in files for who asks only about some of them, before the others are', async () => {
    await done(many('a\n'));
    await done([
      {
        path: 'network-5/metadata/10.0.0.1',
        networkId: '5',
        packed: false,
        guests: [{ guestIp: '10.0.0.1', files: [{ path: 'user-data', content: Buffer.from('x\n') }] }],
      },
    ]);
    const told = join(root, 'network-5/metadata/10.0.0.1/latest/user-data');
    expect(existsSync(told)).toBe(false);
    await state.settle(domain, ['network-5/metadata', 'network-5/passwords']);
    expect([readFileSync(told, 'utf8'), contentOf(0), existsSync(join(root, journal))]).toEqual([
      'x\n',
      undefined,
      true,
    ]);
    await state.settle(domain);
    expect([contentOf(0), existsSync(join(root, journal))]).toEqual(['a\n', false]);
  });

  it('are in files when the directory is closed', async () => {
    await done(many('a\n'));
    await state.close();
    expect([contentOf(3), readdirSync(root)]).toEqual(['a\n', ['network-5']]);
  });

  it('lead nowhere else', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
    symlinkSync(elsewhere, join(root, 'network-5/port-forward'));
    await expect(done(many('a\n'))).rejects.toThrow('expected a directory, it is a symbolic link');
    expect(readdirSync(elsewhere)).toEqual([]);
    rmSync(elsewhere, { recursive: true });
  });

  it('stay in the journal when they cannot be put into files, and are told of', async () => {
    mkdirSync(join(root, path(4)), { recursive: true });
    await done(many('a\n'));
    await expect(state.settle(domain)).rejects.toThrow(`${path(4)}: expected a file, it is a directory`);
    await expect(done([{ path: 'network-5/port-forward', removeTree: true }])).rejects.toThrow('expected a file');
    rmSync(join(root, path(4)), { recursive: true });
    await state.settle(domain);
    expect([contentOf(4), contentOf(19), readdirSync(root)]).toEqual(['a\n', 'a\n', ['network-5']]);
  });
});

async function lockedCommit(edits: readonly FileEdit[]) {
  const lock = await state.lock(domain);
  await done(edits);
  return lock;
}

describe('a journal that a killed process has left', () => {
  it('is in files for whoever gets the lock next', async () => {
    await leave(many('a\n'));
    expect(domainsWithJournal(root)).toEqual([domain]);
    const lock = await state.lock(domain);
    expect([contentOf(0), contentOf(19), existsSync(join(root, journal))]).toEqual(['a\n', 'a\n', false]);
    lock.release();
  });

  it('is in files for who only reads', async () => {
    await leave(many('a\n'));
    await state.settle(domain);
    expect([contentOf(0), domainsWithJournal(root)]).toEqual(['a\n', []]);
  });

  it('may be entered again, wherever it was broken off', async () => {
    await leave(many('a\n'));
    const left = readFileSync(join(root, journal));
    await state.settle(domain);
    rmSync(join(root, path(3)));
    writeFileSync(join(root, path(5)), 'half');
    writeFileSync(join(root, journal), left);
    await open().settle(domain);
    expect([contentOf(3), contentOf(5)]).toEqual(['a\n', 'a\n']);
  });

  it('has as many entries as a batch that is all or nothing', () => {
    const entries = Array.from({ length: 250_000 }, (_, port) => [path(port), undefined] as const);
    expect(decodeRecords(encodeRecord(entries))).toHaveLength(entries.length);
  });

  it('counts as far as it was written', async () => {
    await leave(many('a\n'));
    appendFileSync(join(root, journal), encodeRecord([[path(0), Buffer.from('b\n')]]));
    const { size } = statSync(join(root, journal));
    truncateSync(join(root, journal), size - 1);
    await state.settle(domain);
    expect(contentOf(0)).toBe('a\n');
  });

  it('is no record of another kind', async () => {
    writeFileSync(join(root, journal), 'something else');
    await state.settle(domain);
    expect(existsSync(join(root, journal))).toBe(false);
    expect(readdirSync(join(root, 'network-5'))).toEqual([]);
  });

  it('is named when it cannot be entered', async () => {
    await leave(many('a\n'));
    mkdirSync(join(root, path(2)), { recursive: true });
    await expect(state.lock(domain)).rejects.toThrow(
      `${journal}: what an earlier command has left there cannot be put`,
    );
    // And the lock is not kept.
    rmSync(join(root, path(2)), { recursive: true });
    (await state.lock(domain)).release();
    expect(contentOf(2)).toBe('a\n');
  });
});

describe('edits that are put off and such that are not', () => {
  const port = fc.nat({ max: 30 });
  const write = fc
    .record({ port, content: fc.constantFrom('a\n', 'b\n', 'c\n') })
    .map(({ port: number, content }): FileEdit => ({ path: path(number), content }));
  const remove = port.map((number): FileEdit => ({ path: path(number), remove: true }));
  const guest = fc
    .record({ guestIp: fc.constantFrom('10.0.0.1', '10.0.0.2'), files: fc.nat({ max: 20 }), isForgotten: fc.boolean() })
    .map(
      ({ guestIp, files, isForgotten }): FileEdit => ({
        path: `network-5/metadata/${guestIp}`,
        networkId: '5',
        packed: false,
        guests: [
          {
            guestIp,
            isForgotten,
            files: isForgotten
              ? []
              : Array.from({ length: files + 1 }, (_, index) => ({
                  path: `meta-data/${index}`,
                  content: Buffer.from(`${guestIp} ${files}`),
                })),
          },
        ],
      }),
    );
  const direct = fc.constantFrom('1\n', '2\n').map((content): FileEdit => ({ path: 'network-5/vlan', content }));
  const list = fc
    .array(fc.oneof({ weight: 8, arbitrary: write }, { weight: 4, arbitrary: remove }, guest, direct), {
      maxLength: 30,
    })
    .map((edits) => [...new Map(edits.map((edit) => [edit.path, edit])).values()]);

  it('leave the same files, in whatever order they come, undone or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ list, isUndone: fc.boolean(), isSettled: fc.boolean() }), { maxLength: 8 }),
        async (steps) => {
          const one = mkdtempSync(join(tmpdir(), 'one-'));
          const other = mkdtempSync(join(tmpdir(), 'other-'));
          for (const directory of [one, other]) mkdirSync(join(directory, 'network-5'));
          const putOff = new StateDirectory({ root: one, tryLock, files: fileWork });
          for (const { list: edits, isUndone, isSettled } of steps) {
            const commits = [await putOff.commit(domain, edits), await commit(other, edits)];
            for (const made of commits) await (isUndone ? made.undo() : made.settle());
            if (isSettled) await putOff.settle(domain);
          }
          await putOff.close();
          expect(filesBelow(one)).toEqual(filesBelow(other));
          rmSync(one, { recursive: true });
          rmSync(other, { recursive: true });
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});

/** With their contents. */
function filesBelow(directory: string): string[] {
  const { stdout } = spawnSync('grep', ['-r', '-H', ''], { cwd: directory, encoding: 'utf8' });
  return stdout.split('\n').sort();
}
