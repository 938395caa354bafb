import type { NetfilterSocket } from '../../kernel/netfilter-socket.js';
import type { Family, Table } from '../../kernel/nft/table.js';
import type { TableListing } from './ruleset.js';

/** Which tables to read; all when empty. */
export interface TableFilter {
  readonly family?: Family;
  readonly name?: string;
}

type Reader = Pick<NetfilterSocket, 'tables' | 'chains' | 'rules' | 'sets' | 'objects' | 'elements' | 'generation'>;

/**
 * Lists tables with everything in them, as `formatRuleset` prints it.
 *
 * The parts are read one after the other; when the ruleset changes meanwhile everything is read again.
 *
 * @throws KernelError when the kernel refuses a dump
 * @throws Error when the ruleset changed during ten readings in a row
 */
export async function readRuleset(netfilter: Reader, filter: TableFilter = {}): Promise<TableListing[]> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const before = await netfilter.generation();
    const listings = await readOnce(netfilter, filter).catch(async (error: unknown) => {
      // What was listed a moment ago may be gone.
      if ((await netfilter.generation()) === before) throw error;
      return undefined;
    });
    if (listings !== undefined && (await netfilter.generation()) === before) return listings;
  }
  throw new Error('the ruleset changed during ten readings in a row');
}

async function readOnce(netfilter: Reader, { family, name }: TableFilter): Promise<TableListing[]> {
  const tables = (await netfilter.tables(family)).filter((table) => name === undefined || table.name === name);
  const chains = await netfilter.chains(family);
  const listings: TableListing[] = [];
  for (const table of tables) {
    const of = (other: Table) => other.family === table.family && other.name === table.name;
    const sets: TableListing['sets'][number][] = [];
    for (const set of await netfilter.sets(table)) sets.push({ set, elements: await netfilter.elements(set) });
    listings.push({
      table,
      chains: chains.filter((chain) => of(chain.table)),
      rules: await netfilter.rules(table),
      sets,
      objects: await netfilter.objects(table),
    });
  }
  return listings;
}
