import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { sectionSpec, splitSpec } from './chart-specs.js';
import type { Machine } from './machine.js';
import type { Section } from './measurement.js';
import type { Split } from './trace/split.js';

export interface ChartInput {
  readonly machine: Machine;
  readonly sections: readonly Section[];
  readonly splits: readonly Split[];
  /** Of the ids in `splits`. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One SVG per section, and one for the split. */
export async function writeCharts(directory: string, { machine, sections, splits, labels }: ChartInput): Promise<void> {
  for (const section of sections) {
    await writeFile(join(directory, `${section.id}.svg`), await svg(sectionSpec(section, machine)));
  }
  if (splits.length > 0) await writeFile(join(directory, 'split.svg'), await svg(splitSpec(splits, labels, machine)));
}

async function svg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
