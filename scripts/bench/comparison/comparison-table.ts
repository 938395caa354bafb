import type { Section } from '../measurement.js';
import { summarize } from '../statistics.js';
import { align, goalWords, scales, verdict } from '../table.js';
import { type Figure, figureMet, timesBetter } from './figure.js';
import { pairId } from './pair.js';

/** Whether a section compares the two programs. */
export function isComparison({ measurements }: Section): boolean {
  return measurements.some(({ id }) => id.endsWith(' shell'));
}

/** One line for what both programs did. */
export function comparisonRows(section: Section, judge: boolean): string[][] {
  const scale = scales[section.unit];
  const time = (nanoseconds: number) => number(nanoseconds / scale);
  const head = ['', 'shell, median', 'p99', 'ours, median', 'p99', 'times faster', 'goal', '', 'samples'];
  const line = (name: string): string[] => {
    const [theirs, own] = (['shell', 'ours'] as const).map((side) => {
      const measurement = section.measurements.find(({ id }) => id === pairId(name, side));
      return measurement === undefined ? undefined : { measurement, summary: summarize(measurement, section) };
    });
    const goal = own?.measurement.goal;
    const times = theirs === undefined || own === undefined ? undefined : theirs.summary.median / own.summary.median;
    return [
      (own ?? theirs)?.measurement.label.replace(/, (ours|shell)$/, '') ?? '',
      ...[theirs, own].flatMap((side) =>
        side === undefined ? ['', ''] : [time(side.summary.median), time(side.summary.p99)],
      ),
      times === undefined ? '' : number(times),
      goal === undefined ? '' : goalWords(goal, scale, section.unit),
      judge && own !== undefined ? verdict(own.summary) : '',
      `${theirs?.summary.count ?? 0} / ${own?.summary.count ?? 0}`,
    ];
  };
  const names = section.measurements.map(({ id }) => id.replace(/ (ours|shell)$/, ''));
  return [head, ...[...new Set(names)].map(line)];
}

export function figureRows(figures: readonly Figure[], judge: boolean): string[][] {
  const head = ['', 'shell', 'ours', 'times better', 'goal', ''];
  const line = (figure: Figure): string[] => {
    const times = timesBetter(figure);
    const met = figureMet(figure);
    return [
      figure.label,
      figure.shell === undefined ? '' : `${number(figure.shell)} ${figure.unit}`,
      `${number(figure.ours)} ${figure.unit}`,
      times === undefined ? '' : number(times),
      figureGoal(figure),
      met === undefined || !judge ? '' : met ? 'met' : 'MISSED',
    ];
  };
  return [head, ...figures.map(line)];
}

export function comparisonTable(section: Section, judge: boolean): string {
  return `${section.title} (${section.unit})\n${align(comparisonRows(section, judge))}`;
}

export function figureTable(figures: readonly Figure[], judge: boolean): string {
  return align(figureRows(figures, judge));
}

function figureGoal({ least, most, timesBetter: times, unit }: Figure): string {
  if (least !== undefined) return `≥ ${number(least)} ${unit}`;
  if (most !== undefined) return `≤ ${number(most)} ${unit}`.trim();
  return times === undefined ? '' : `≥ ${times}x`;
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
