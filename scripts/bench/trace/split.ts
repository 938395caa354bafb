import { z } from 'zod';
import type { Run } from '../schedule.js';
import { median } from '../statistics.js';
import { covered, coveredOnly, type Interval } from './intervals.js';

const eventSchema = z.tuple([z.enum(['call', 'kernel', 'disk', 'files', 'reply']), z.string(), z.number(), z.number()]);
type TraceEvent = z.infer<typeof eventSchema>;

/** Where the time of one command goes. They add up; time that two share goes to the one named first. */
export const parts = ['client', 'disk', 'kernel', 'files', 'program'] as const;
export type Part = (typeof parts)[number];

export const partWords: Readonly<Record<Part, string>> = {
  client: 'client: start, connect, exit',
  disk: 'waiting for the disk',
  kernel: 'waiting for the kernel',
  files: 'making, renaming, reading files',
  program: 'JavaScript and event loop',
};

/** Medians of one kind of command. */
export interface Split {
  readonly id: string;
  readonly nanoseconds: Readonly<Record<Part, number>>;
  /** Requests to the kernel and flushes of one command. */
  readonly kernelRequests: number;
  readonly flushes: number;
}

/** Splits that belong into one table and one chart. */
export interface SplitSection {
  readonly id: string;
  readonly title: string;
  readonly splits: readonly Split[];
  /** Of the ids in `splits`. */
  readonly labels: Readonly<Record<string, string>>;
}

/** @param trace what daemon-trace.mjs has written about the daemon that served the runs */
export function splitRuns(runs: readonly Run[], trace: string): Split[] {
  const events = trace
    .trim()
    .split('\n')
    .map((line) => eventSchema.parse(JSON.parse(line)))
    .sort((a, b) => a[2] - b[2]);
  const byId = new Map<string, Single[]>();
  for (const run of runs) {
    const single = run.id === undefined ? undefined : splitRun(run, eventsDuring(events, run));
    if (run.id === undefined || single === undefined) continue;
    const list = byId.get(run.id);
    if (list === undefined) byId.set(run.id, [single]);
    else list.push(single);
  }
  return [...byId].map(([id, singles]) => ({
    id,
    nanoseconds: mapParts((part) => median(singles.map((single) => single.nanoseconds[part]))),
    kernelRequests: median(singles.map((single) => single.kernelRequests)),
    flushes: median(singles.map((single) => single.flushes)),
  }));
}

type Single = Omit<Split, 'id'>;

function eventsDuring(events: readonly TraceEvent[], run: Run): TraceEvent[] {
  return events.filter(([, , start]) => start >= run.start && start < run.end);
}

/** Undefined for a program that did not call the daemon. */
function splitRun(run: Run, events: readonly TraceEvent[]): Single | undefined {
  const accepted = events.find(([kind]) => kind === 'call')?.[2];
  const replied = events.find(([kind]) => kind === 'reply')?.[2];
  if (accepted === undefined || replied === undefined) return undefined;
  const during = events.filter(([, , start]) => start >= accepted && start < replied);
  const of = (kind: TraceEvent[0]): Interval[] =>
    // What goes on after the reply does not count.
    during.filter((event) => event[0] === kind).map(([, , start, end]) => [start, Math.min(end, replied)]);
  const disk = of('disk');
  const kernel = of('kernel');
  const files = of('files');
  return {
    nanoseconds: {
      client: run.end - run.start - (replied - accepted),
      disk: covered(disk),
      kernel: coveredOnly(kernel, disk),
      files: coveredOnly(files, [...disk, ...kernel]),
      program: replied - accepted - covered([...disk, ...kernel, ...files]),
    },
    kernelRequests: kernel.length,
    flushes: disk.length,
  };
}

function mapParts(value: (part: Part) => number): Record<Part, number> {
  return Object.fromEntries(parts.map((part) => [part, value(part)])) as Record<Part, number>;
}
