import { readFile } from 'node:fs/promises';
import { baselineWrapper } from '../../../test/host/baseline.js';
import type { Section } from '../measurement.js';
import { measureBursts } from './bursts.js';
import { measureChurn } from './churn.js';
import { measureCrowd } from './crowd.js';
import type { Figure } from './figure.js';
import { measureForwards } from './forwards.js';
import { measureGuests } from './guests.js';
import { measureLeaks } from './leaks.js';
import { measureSidesPackets } from './packets.js';
import { measureRuleLists } from './rules.js';

export interface Comparison {
  /** Path of the program that was compared with; undefined is scripts/baseline. */
  readonly wrapper?: string;
  readonly sections: readonly Section[];
  readonly figures: readonly Figure[];
}

export interface ComparisonOptions {
  readonly wrapper?: string | undefined;
  readonly quick: boolean;
  /** Gives each part a directory on a real disk. */
  withDisk<Result>(work: (disk: string) => Promise<Result>): Promise<Result>;
  /** Called with each part as soon as it is measured. */
  tell(sections: readonly Section[], figures: readonly Figure[]): void;
}

/** The product against a shell wrapper. */
export async function measureComparison(options: ComparisonOptions): Promise<Comparison> {
  const { quick, withDisk } = options;
  const wrapper = options.wrapper === undefined ? baselineWrapper : await readFile(options.wrapper, 'utf8');
  const sections: Section[] = [];
  const figures: Figure[] = [];
  const keep = (measured: readonly Section[], others: readonly Figure[]) => {
    sections.push(...measured);
    figures.push(...others);
    options.tell(measured, others);
  };
  const crowd = await withDisk((disk) => measureCrowd(disk, wrapper, quick));
  keep(crowd.sections, crowd.figures);
  keep([await withDisk((disk) => measureRuleLists(disk, wrapper, quick))], []);
  const bursts = await withDisk((disk) => measureBursts(disk, wrapper, quick));
  keep([bursts.section], bursts.figures);
  keep([], [await withDisk((disk) => measureChurn(disk, wrapper, quick))]);
  keep([], await withDisk((disk) => measureLeaks(disk, quick)));
  const guests = await withDisk((disk) => measureGuests(disk, wrapper, quick));
  keep([guests.section], [guests.figure]);
  keep([await withDisk((disk) => measureSidesPackets(disk, wrapper, quick))], []);
  // Last: it ends with the removal of very many files, after which ext4 makes files more slowly for a minute.
  keep([await withDisk((disk) => measureForwards(disk, wrapper, quick))], []);
  return { ...(options.wrapper === undefined ? {} : { wrapper: options.wrapper }), sections, figures };
}
