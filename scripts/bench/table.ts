import type { Goal, Section } from './measurement.js';
import { isMemoryGoalMet, type MemorySection, mebibytes, rowMedian } from './services/memory.js';
import { type Summary, summarize } from './statistics.js';
import { parts, partWords, type SplitSection } from './trace/split.js';

export const scales = { µs: 1e3, ms: 1e6, KiB: 1024 } as const;

/**
 * A section as text: one line per measurement.
 *
 * @param judge whether it is said if goals are met
 */
export function sectionTable(section: Section, judge: boolean): string {
  return `${section.title}\n${align(sectionRows(section, judge))}`;
}

export function sectionRows(section: Section, judge: boolean): string[][] {
  const scale = scales[section.unit];
  const time = (nanoseconds: number) => (nanoseconds / scale).toFixed(2);
  const rows = section.measurements.map((measurement) => {
    const summary = summarize(measurement, section);
    return [
      measurement.label,
      time(summary.median),
      time(summary.p99),
      summary.ratio === undefined ? '' : `${summary.ratio.toFixed(2)}x`,
      measurement.goal === undefined ? '' : goalWords(measurement.goal, scale, section.unit),
      judge ? verdict(summary) : '',
      String(summary.count),
    ];
  });
  return [['', `median ${section.unit}`, 'p99', 'of floor', 'goal', '', 'samples'], ...rows];
}

/** Where the time of the commands goes, as text; milliseconds. */
export function splitTable({ title, splits, labels }: SplitSection): string {
  const head = ['', ...parts, 'kernel requests', 'flushes'];
  const rows = splits.map(({ id, nanoseconds, kernelRequests, flushes }) => [
    labels[id] ?? id,
    ...parts.map((part) => (nanoseconds[part] / 1e6).toFixed(2)),
    String(kernelRequests),
    String(flushes),
  ]);
  const legend = parts.map((part) => `  ${part}: ${partWords[part]}`).join('\n');
  return `${title} (ms, medians of a traced run)\n${align([head, ...rows])}\n${legend}`;
}

/**
 * What processes take, as text; MiB.
 *
 * @param judge whether it is said if goals are met
 */
export function memoryTable({ title, method, networks, rows }: MemorySection, judge: boolean): string {
  const head = ['', 'PSS MiB', 'RSS MiB', 'processes', 'a network KiB', 'goal', ''];
  const lines = rows.map((row) => {
    const kibibytes = rowMedian(row);
    return [
      `${row.label}${row.extrapolatedFrom === undefined ? '' : ' (extrapolated)'}`,
      mebibytes(kibibytes).toFixed(0),
      row.resident === undefined ? '' : mebibytes(row.resident).toFixed(0),
      String(row.processes),
      (kibibytes / networks).toFixed(0),
      row.goal === undefined ? '' : `≤ ${mebibytes(row.goal)} MiB`,
      judge ? verdict({ goalMet: isMemoryGoalMet(row) }) : '',
    ];
  });
  return `${title}\n${align([head, ...lines])}\n  ${method}`;
}

export function goalWords(goal: Goal, scale: number, unit: string): string {
  switch (goal.kind) {
    case 'median':
      return `≤ ${Number((goal.nanoseconds / scale).toFixed(2))} ${unit}`;
    case 'above-floor':
      return `≤ floor + ${goal.nanoseconds / scale} ${unit}`;
    case 'times-floor':
      return `≤ ${Number(goal.factor.toFixed(2))}x`;
    case 'times-faster':
      return `≥ ${goal.factor}x faster`;
  }
}

export function verdict({ goalMet }: Pick<Summary, 'goalMet'>): string {
  if (goalMet === undefined) return '';
  return goalMet ? 'met' : 'MISSED';
}

/** Columns side by side: the first to the left, numbers to the right. */
export function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return rows.map((row) => `  ${line(row).join('  ')}`.trimEnd()).join('\n');
}
