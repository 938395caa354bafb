import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { end, namespaceOf, processOf } from '../../../src/services/process.js';
import { writeRecord } from '../../../src/services/process-record.js';
import type { Service } from '../../../src/services/service.js';
import { Supervisor } from '../../../src/services/supervisor.js';

let directory: string;
let service: Service;
let revived: number[];
let reports: string[];
let supervisor: Supervisor;
let outcome: () => Promise<void>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'supervisor-'));
  service = {
    name: 'sleeper',
    extension: 'net',
    networkId: '42',
    namespace: 'cs-net-42',
    program: { name: 'sleep', package: 'coreutils' },
    parameters: [],
    takeOver: undefined,
    configurationFile: join(directory, 'conf'),
    startText: (text) => text,
    pidFile: join(directory, 'pid'),
    recordFile: join(directory, 'record'),
    ownArgument: '61.4',
  };
  writeFileSync(service.configurationFile, 'x');
  revived = [];
  reports = [];
  outcome = async () => {
    throw new Error('it does not start');
  };
  supervisor = new Supervisor({
    namespace: () => namespaceOf({ pid: process.pid, startTime: '' }),
    revive: async () => {
      revived.push(Math.round(performance.now() / 1000));
      await outcome();
    },
    report: (line) => reports.push(line),
  });
});
afterEach(() => {
  vi.useRealTimers();
  supervisor.close();
  rmSync(directory, { recursive: true });
});

async function sleeper(argument = '61.4') {
  const child = spawn('sleep', [argument], { stdio: 'ignore' });
  await once(child, 'spawn');
  const identity = processOf(child.pid ?? 0);
  if (identity === undefined) throw new Error('it lives');
  return identity;
}

describe('supervisor', () => {
  it('tries again after longer and longer pauses', async () => {
    vi.useFakeTimers();
    supervisor.expect(service);
    supervisor.begin();
    await vi.advanceTimersByTimeAsync(70_000);
    const pauses = revived.slice(1).map((time, index) => time - (revived[index] ?? 0));
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32]);
    expect(reports[0]).toBe('it does not start; the next try comes in 1 s');
    expect(supervisor.health()).toEqual([
      { name: 'sleeper', extension: 'net', networkId: '42', pid: undefined, restarts: 0, problem: 'it does not start' },
    ]);
    supervisor.forget(service);
    await vi.advanceTimersByTimeAsync(200_000);
    expect(revived).toHaveLength(7);
  });

  it('starts few at a time of many that have died, and the next as soon as one is done', async () => {
    vi.useFakeTimers();
    let atOnce = 0;
    let most = 0;
    outcome = async () => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 10));
      atOnce--;
    };
    for (let id = 0; id < 100; id++) supervisor.expect({ ...service, networkId: String(id) });
    supervisor.begin();
    await vi.advanceTimersByTimeAsync(200);
    expect(revived).toHaveLength(100);
    expect(most).toBe(8);
  });

  it('starts nothing more of those that wait once it is closed, and none that is not to run any more', async () => {
    vi.useFakeTimers();
    outcome = () => new Promise((resolve) => setTimeout(resolve, 10));
    const services = Array.from({ length: 30 }, (_, id) => ({ ...service, networkId: String(id) }));
    for (const one of services) supervisor.expect(one);
    supervisor.begin();
    for (const one of services.slice(8, 16)) supervisor.forget(one);
    await vi.advanceTimersByTimeAsync(15);
    expect(revived).toHaveLength(16);
    supervisor.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(revived).toHaveLength(16);
  });

  it('finds a process by its record or its pid file, and only if it has the argument that is its own', async () => {
    expect(supervisor.find(service)).toBeUndefined();
    const [own, other] = [await sleeper(), await sleeper('62')];
    writeFileSync(service.pidFile, `${other.pid}\n`);
    expect(supervisor.find(service)).toBeUndefined();
    writeFileSync(service.pidFile, `${own.pid}\n`);
    expect(supervisor.find(service)).toEqual({ ...own, configuration: undefined, former: [], isInside: true });
    // A record of a process that had this number before.
    writeRecord(service.recordFile, { ...own, startTime: '1', configuration: 'ab', former: [] });
    expect(supervisor.find(service)).toMatchObject({ pid: own.pid, configuration: undefined });
    writeRecord(service.recordFile, { ...own, configuration: 'ab', former: [] });
    expect(supervisor.find(service)).toMatchObject({ pid: own.pid, configuration: 'ab' });
    await supervisor.stop(service, supervisor.find(service));
    expect(supervisor.find(service)).toBeUndefined();
    expect(processOf(other.pid)).toEqual(other);
    await end(other);
  });

  it('notices a death, and counts that it runs again', async () => {
    const first = await sleeper();
    supervisor.adopt(service, { ...first, configuration: undefined, former: [], isInside: true });
    outcome = async () =>
      supervisor.adopt(service, { ...(await sleeper()), configuration: undefined, former: [], isInside: true });
    supervisor.begin();
    expect(supervisor.health()).toMatchObject([{ pid: first.pid, restarts: 0 }]);
    await end(first);
    await vi.waitFor(() => expect(supervisor.health()).toMatchObject([{ restarts: 1 }]), { timeout: 4_000 });
    expect(reports[0]).toMatch(/^sleeper of network 42 had ended; it runs again as \d+$/);
    const pid = supervisor.health()[0]?.pid;
    expect(pid).toBeTypeOf('number');
    expect(pid).not.toBe(first.pid);
    await supervisor.stop(service, {
      ...(processOf(pid ?? first.pid) ?? first),
      configuration: undefined,
      former: [],
      isInside: true,
    });
  });
});
