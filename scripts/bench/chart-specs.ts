/** The charts as Vega-Lite specifications. */
import type { TopLevelSpec } from 'vega-lite';
import type { Machine } from './machine.js';
import type { Measurement, Section } from './measurement.js';
import { type MemorySection, mebibytes, rowMedian } from './services/memory.js';
import { type Summary, summarize } from './statistics.js';
import { scales } from './table.js';
import { parts, partWords, type SplitSection } from './trace/split.js';

export const colours = { ours: '#1f6fb4', floor: '#8a8a8a', goal: '#c62828' } as const;
const partColours = ['#9aa5b1', '#c9803a', '#1f6fb4', '#7cb0a4', '#e0c868'];

const font = 'DejaVu Sans, Verdana, Arial, sans-serif';
export const chartConfig = {
  font,
  background: 'white',
  view: { stroke: null },
  axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e8e8e8', labelLimit: 400 },
  title: { anchor: 'start', fontSize: 15, subtitleFontSize: 11, subtitleColor: '#555', frame: 'group', offset: 14 },
  legend: { labelFontSize: 12, titleFontSize: 12, labelLimit: 320 },
} as const;

// Without a canvas widths are estimated at 0.8 of the font's size for each letter, half more than they are.
const rowAxis = { domain: false, ticks: false, labelLimit: 600, labelPadding: 6 } as const;

export function place(machine: Machine): string {
  return (
    `${machine.processor}, ${machine.processors} processors, Linux ${machine.kernel}, Node ${machine.node}, ` +
    `${machine.version}, ${machine.date.slice(0, 10)}`
  );
}

/** Median as a dot, the middle half as a thick bar, up to the 99th percentile as a thin line; goals as red ticks. */
export function sectionSpec(section: Section, machine: Machine): TopLevelSpec {
  const scale = scales[section.unit];
  const rows = section.measurements.map((measurement) => {
    const summary = summarize(measurement, section);
    const goal = goalOf(measurement, summary);
    return {
      label: measurement.label,
      side: measurement.floor === undefined ? 'floor' : 'ours',
      least: summary.least / scale,
      quarter: summary.quarter / scale,
      median: summary.median / scale,
      threeQuarters: summary.threeQuarters / scale,
      p99: summary.p99 / scale,
      words: `${numberWords(summary.median / scale)} ${section.unit}${goal === undefined ? '' : `, goal ${numberWords(goal / scale)}`}`,
      goal: goal === undefined ? null : goal / scale,
    };
  });
  const y = {
    field: 'label',
    type: 'nominal',
    sort: null,
    title: null,
    axis: rowAxis,
  } as const;
  const x = (field: string) =>
    ({
      field,
      type: 'quantitative',
      scale: { type: 'log', nice: false, padding: 12 },
      title: `${section.unit}, logarithmic: median, middle half, up to the 99th percentile`,
    }) as const;
  const colour = {
    field: 'side',
    type: 'nominal',
    legend: null,
    scale: { domain: ['ours', 'floor'], range: [colours.ours, colours.floor] },
  } as const;
  return {
    config: chartConfig,
    title: { text: section.title, subtitle: [place(machine)] },
    data: { values: rows },
    width: 520,
    height: { step: 30 },
    encoding: { y },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.55 },
        encoding: { x: x('least'), x2: { field: 'p99' }, color: colour },
      },
      {
        mark: { type: 'rule', strokeWidth: 7, opacity: 0.45 },
        encoding: { x: x('quarter'), x2: { field: 'threeQuarters' }, color: colour },
      },
      { mark: { type: 'point', filled: true, size: 75, opacity: 1 }, encoding: { x: x('median'), color: colour } },
      {
        transform: [{ filter: 'datum.goal !== null' }],
        mark: { type: 'tick', thickness: 2.5, size: 20, color: colours.goal },
        encoding: { x: x('goal') },
      },
      {
        mark: { type: 'text', align: 'left', fontSize: 11, dx: 532 },
        encoding: { x: { value: 0 }, text: { field: 'words' }, color: { value: '#333' } },
      },
    ],
  };
}

/** Stacked bars: where the time of each kind of call goes. */
export function splitSpec({ title, splits, labels }: SplitSection, machine: Machine): TopLevelSpec {
  const rows = splits.flatMap(({ id, nanoseconds }) =>
    parts.map((part, order) => ({
      label: labels[id] ?? id,
      part: partWords[part],
      order,
      milliseconds: nanoseconds[part] / 1e6,
    })),
  );
  return {
    config: chartConfig,
    title: {
      text: title,
      subtitle: [place(machine), 'Medians of a traced run, which is slower than others'],
    },
    data: { values: rows },
    width: 620,
    height: { step: 26 },
    mark: { type: 'bar', height: 16 },
    encoding: {
      y: { field: 'label', type: 'nominal', sort: null, title: null, axis: rowAxis },
      x: { field: 'milliseconds', type: 'quantitative', stack: 'zero', title: 'ms' },
      color: {
        field: 'part',
        type: 'nominal',
        title: null,
        scale: { domain: parts.map((part) => partWords[part]), range: partColours },
        legend: { orient: 'bottom', columns: 2, labelLimit: 400 },
      },
      order: { field: 'order', type: 'quantitative' },
    },
  };
}

/** Bars: what each kind of process takes for all networks; goals as red ticks. */
export function memorySpec({ title, networks, rows }: MemorySection, machine: Machine): TopLevelSpec {
  const values = rows.map((row) => ({
    label: row.label,
    side: row.side,
    mebibytes: mebibytes(rowMedian(row)),
    words: `${numberWords(mebibytes(rowMedian(row)))} MiB in ${row.processes.toLocaleString('en')} ${row.processes === 1 ? 'process' : 'processes'}`,
    goal: row.goal === undefined ? null : mebibytes(row.goal),
  }));
  const [sample] = rows.flatMap(({ extrapolatedFrom }) => extrapolatedFrom ?? []);
  const note = sample === undefined ? '' : `Apache and Python: extrapolated from ${sample} to ${networks} networks`;
  const x = (field: string) =>
    ({ field, type: 'quantitative', title: 'MiB, proportional share of shared pages (PSS)' }) as const;
  return {
    config: chartConfig,
    title: { text: title, subtitle: [place(machine), note] },
    data: { values },
    width: 520,
    height: { step: 30 },
    encoding: { y: { field: 'label', type: 'nominal', sort: null, title: null, axis: rowAxis } },
    layer: [
      {
        mark: { type: 'bar', height: 16 },
        encoding: {
          x: x('mebibytes'),
          color: {
            field: 'side',
            type: 'nominal',
            legend: null,
            scale: { domain: ['ours', 'floor'], range: [colours.ours, colours.floor] },
          },
        },
      },
      {
        transform: [{ filter: 'datum.goal !== null' }],
        mark: { type: 'tick', thickness: 2.5, size: 20, color: colours.goal },
        encoding: { x: x('goal') },
      },
      {
        mark: { type: 'text', align: 'left', fontSize: 11, dx: 532 },
        encoding: { x: { value: 0 }, text: { field: 'words' }, color: { value: '#333' } },
      },
    ],
  };
}

/** Where the goal lies, in nanoseconds. */
function goalOf({ goal }: Measurement, { floorMedian = 0 }: Summary): number | undefined {
  switch (goal?.kind) {
    case undefined:
      return undefined;
    case 'median':
      return goal.nanoseconds;
    case 'above-floor':
      return floorMedian + goal.nanoseconds;
    case 'times-floor':
      return floorMedian * goal.factor;
    case 'times-faster':
      return floorMedian / goal.factor;
  }
}

/** Three significant digits, without an exponent. */
function numberWords(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 2 });
}
