import type { Measurement, Section } from '../measurement.js';
import { summarize } from '../statistics.js';
import { align, goalWords, scales, verdict } from '../table.js';
import { type Figure, figureMet, timesBetter } from './figure.js';

/** Whether a section compares the two programs. */
export function isComparison({ measurements }: Section): boolean {
  return measurements.some(({ id }) => id.endsWith(' shell'));
}

/** One line for what both programs did. */
export function comparisonRows(section: Section, judge: boolean): string[][] {
  const scale = scales[section.unit];
  const time = (nanoseconds: number) => number(nanoseconds / scale);
  const head = ['', 'shell, median', 'p99', 'ours, median', 'p99', 'times faster', 'goal', '', 'samples'];
  const line = (own: Measurement): string[] => {
    const summary = summarize(own, section);
    const shell = section.measurements.find(({ id }) => id === own.floor);
    const theirs = shell === undefined ? undefined : summarize(shell, section);
    return [
      own.label.replace(/, ours$/, ''),
      theirs === undefined ? '' : time(theirs.median),
      theirs === undefined ? '' : time(theirs.p99),
      time(summary.median),
      time(summary.p99),
      theirs === undefined ? '' : number(theirs.median / summary.median),
      own.goal === undefined || theirs === undefined ? '' : goalWords(own.goal, scale, section.unit),
      judge ? verdict(summary) : '',
      `${theirs?.count ?? 0} / ${summary.count}`,
    ];
  };
  return [head, ...section.measurements.filter(({ id }) => id.endsWith(' ours')).map(line)];
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

function figureGoal({ least, timesBetter: times, unit }: Figure): string {
  if (least !== undefined) return `≥ ${number(least)} ${unit}`;
  return times === undefined ? '' : `≥ ${times}x`;
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
