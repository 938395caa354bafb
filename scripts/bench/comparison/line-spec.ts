import type { TopLevelSpec } from 'vega-lite';
import { chartConfig, colours, place } from '../chart-specs.js';
import type { Machine } from '../machine.js';
import type { Section } from '../measurement.js';
import { median } from '../statistics.js';
import { scales } from '../table.js';

/** A section whose ids are "what number side": medians by number, one line for each program. */
export function lineSpec(section: Section, machine: Machine): TopLevelSpec {
  const rows = section.measurements.flatMap(({ id, label, nanoseconds }) => {
    const [, what = '', number, side] = /^(.*?)\s*(\d+) (ours|shell)$/.exec(id) ?? [];
    if (number === undefined || nanoseconds.length === 0) return [];
    const value = median(nanoseconds) / scales[section.unit];
    // A logarithmic axis has no zero.
    return [{ what, words: label.split(',')[0], x: Math.max(1, Number(number)), side, value }];
  });
  const several = new Set(rows.map(({ what }) => what)).size > 1;
  return {
    config: chartConfig,
    title: { text: section.title, subtitle: [place(machine)] },
    data: { values: rows },
    width: 560,
    height: 280,
    mark: { type: 'line', point: { size: 60 }, strokeWidth: 2 },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        scale: { type: 'log', nice: false, padding: 16 },
        title: section.axis ?? '',
        axis: { format: ',d', values: [...new Set(rows.map(({ x }) => x))], grid: false },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        scale: { type: 'log' },
        title: `median, ${section.unit}, logarithmic`,
        axis: { labelOverlap: true },
      },
      color: {
        field: 'side',
        type: 'nominal',
        title: null,
        scale: { domain: ['ours', 'shell'], range: [colours.ours, colours.floor] },
      },
      ...(several
        ? { strokeDash: { field: 'words', type: 'nominal', title: null, legend: { symbolType: 'stroke' } } }
        : {}),
    },
  };
}
