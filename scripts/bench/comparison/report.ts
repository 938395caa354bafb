import { type Machine, machineWords } from '../machine.js';
import { sectionRows } from '../table.js';
import type { Comparison } from './comparison.js';
import { comparisonRows, figureRows, isComparison } from './comparison-table.js';
import { fidelityRows } from './fidelity.js';

export interface ReportInput {
  readonly machine: Machine;
  readonly comparison: Comparison;
  /** Whether it is said if goals are met. */
  readonly judge: boolean;
  /** SVG by the section's id. */
  readonly charts: ReadonlyMap<string, string>;
}

const style = `
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; font-size: 13px; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #e4e4e4; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; }
svg { max-width: 100%; height: auto; }
.missed { color: #c62828; font-weight: bold; }
p { color: #555; }`;

/** One HTML file with everything in it: tables and charts. */
export function comparisonReport({ machine, comparison, judge, charts }: ReportInput): string {
  const parts = comparison.sections.map((section) => {
    const rows = isComparison(section) ? comparisonRows(section, judge) : sectionRows(section, judge);
    const chart = charts.get(section.id) ?? '';
    return `<h2>${escaped(section.title)} (${section.unit})</h2>\n<p>${escaped(section.method)}</p>\n${chart}\n${table(rows)}`;
  });
  const opponent = comparison.wrapper ?? 'scripts/baseline';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>cloudstack-netns and a shell wrapper</title>
<style>${style}</style>
<h1>cloudstack-netns and a shell wrapper</h1>
<p>${escaped(machineWords(machine))}</p>
<p>Shell: ${escaped(opponent)}</p>
<h2>Rates, memory, processor time</h2>
${table(figureRows(comparison.figures, judge))}
${parts.join('\n')}
${comparison.wrapper === undefined ? fidelity(comparison) : ''}
</html>
`;
}

function fidelity({ sections }: Comparison): string {
  return `<h2>scripts/baseline and the wrapper it stands for</h2>\n${table(fidelityRows(sections))}`;
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (tag: string) => (row: readonly string[]) =>
    `<tr>${row.map((cell) => element(tag, cell)).join('')}</tr>`;
  return `<table>\n${[line('th')(head), ...rows.map(line('td'))].join('\n')}\n</table>`;
}

function element(tag: string, cell: string): string {
  return cell === 'MISSED' ? `<${tag} class="missed">missed</${tag}>` : `<${tag}>${escaped(cell)}</${tag}>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign);
}
