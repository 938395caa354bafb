import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { memorySpec, sectionSpec, splitSpec } from './chart-specs.js';
import { lineSpec } from './comparison/line-spec.js';
import type { Machine } from './machine.js';
import type { Section } from './measurement.js';
import type { MemorySection } from './services/memory.js';
import type { SplitSection } from './trace/split.js';

export interface ChartInput {
  readonly machine: Machine;
  readonly sections: readonly Section[];
  readonly splits: readonly SplitSection[];
  readonly memory: readonly MemorySection[];
}

/** One SVG per section; returns them by the sections' ids. */
export async function writeCharts(
  directory: string,
  { machine, sections, splits, memory }: ChartInput,
): Promise<Map<string, string>> {
  const specs: [string, TopLevelSpec][] = [
    ...sections.map((section): [string, TopLevelSpec] => [
      section.id,
      section.axis === undefined ? sectionSpec(section, machine) : lineSpec(section, machine),
    ]),
    ...splits.map((section): [string, TopLevelSpec] => [section.id, splitSpec(section, machine)]),
    ...memory.map((section): [string, TopLevelSpec] => [section.id, memorySpec(section, machine)]),
  ];
  const charts = new Map<string, string>();
  for (const [id, spec] of specs) {
    const chart = await svg(spec);
    charts.set(id, chart);
    await writeFile(join(directory, `${id}.svg`), chart);
  }
  return charts;
}

async function svg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
