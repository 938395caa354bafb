import type { TestHost } from '../../../test/host/host.js';
import { median } from '../statistics.js';

/** What some processes take, in KiB. Proportional: a page that several processes share counts as a share for each. */
export interface Footprint {
  readonly processes: number;
  readonly resident: number;
  readonly proportional: number;
}

/** One bar: what one way takes for all networks. */
export interface MemoryRow {
  readonly id: string;
  readonly label: string;
  readonly side: 'ours' | 'floor';
  readonly processes: number;
  /** Proportional, in KiB, in the order they were taken; a single one where it was extrapolated. */
  readonly kibibytes: readonly number[];
  /** Resident, in KiB; absent where several processes would count the same pages. */
  readonly resident?: number;
  /** How many networks it was measured with, where that is not all. */
  readonly extrapolatedFrom?: number;
  /** At most, in KiB. */
  readonly goal?: number;
}

export interface MemorySection {
  readonly id: string;
  readonly title: string;
  readonly method: string;
  readonly networks: number;
  readonly rows: readonly MemoryRow[];
}

/** What the processes of some numbers take, as the kernel sums it up (proc(5), smaps_rollup). */
export async function footprintOf(host: TestHost, pids: readonly number[]): Promise<Footprint> {
  if (pids.length === 0) return { processes: 0, resident: 0, proportional: 0 };
  const text = await host.self.output('cat', ...pids.map((pid) => `/proc/${pid}/smaps_rollup`));
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'gm'))].reduce((all, [, value]) => all + Number(value), 0);
  return { processes: pids.length, resident: sum('Rss'), proportional: sum('Pss') };
}

/** The processes of a name in a test host; other hosts' cannot be seen in it. */
export async function pidsOf(host: TestHost, name: string): Promise<number[]> {
  const { stdout } = await host.self.run(['pgrep', '-x', name]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

/** Goals are in MiB, as what is shown. */
export const mebibytes = (kibibytes: number): number => kibibytes / 1024;

export function rowMedian({ kibibytes }: MemoryRow): number {
  return median(kibibytes);
}

/** Whether the goal of a row is met; undefined when it has none. */
export function isMemoryGoalMet(row: MemoryRow): boolean | undefined {
  return row.goal === undefined ? undefined : rowMedian(row) <= row.goal;
}
