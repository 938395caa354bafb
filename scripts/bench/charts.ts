import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { memorySpec, sectionSpec, splitSpec } from './chart-specs.js';
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

/** One SVG per section. */
export async function writeCharts(directory: string, { machine, sections, splits, memory }: ChartInput): Promise<void> {
  for (const section of sections) {
    await writeFile(join(directory, `${section.id}.svg`), await svg(sectionSpec(section, machine)));
  }
  for (const section of splits) {
    await writeFile(join(directory, `${section.id}.svg`), await svg(splitSpec(section, machine)));
  }
  for (const section of memory) {
    await writeFile(join(directory, `${section.id}.svg`), await svg(memorySpec(section, machine)));
  }
}

async function svg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
