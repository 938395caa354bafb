/**
 * The files that name routing tables: `/etc/netns/<namespace>/iproute2/rt_tables`, which `ip netns exec` puts in the place of the host's own,
 * and the host's, which count for names that the first does not have.
 */

import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rename, rmdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseTableNames, TableNames, tableLines } from '../model/table-names.js';

/** Where the files lie; a test has its own. */
export interface TableNamesPlace {
  /** `/etc`. */
  readonly configuration: string;
  /** `/usr/share`. */
  readonly defaults: string;
}

const hostsPlace: TableNamesPlace = { configuration: '/etc', defaults: '/usr/share' };

/** The names of tables in one namespace. */
export class TableNamesFile {
  readonly path: string;

  constructor(
    namespace: string,
    private readonly place: TableNamesPlace = hostsPlace,
  ) {
    this.path = `${place.configuration}/netns/${namespace}/iproute2/rt_tables`;
  }

  /** The namespace's own file; empty when there is none. */
  async read(): Promise<string> {
    return (await textOf(this.path)) ?? '';
  }

  /** The names that count in the namespace. */
  async names(): Promise<TableNames> {
    return new TableNames(parseTableNames([await this.read(), ...(await this.#hosts())].join('\n')));
  }

  /** The lines `ip` would see in the namespace: of its own file, or of the host's when it has none. */
  async lines(): Promise<string[]> {
    const own = await textOf(this.path);
    return tableLines(own ?? (await this.#hosts()).join('\n'));
  }

  /**
   * Puts a text in the file's place, atomically and durably; an empty one takes the file away, and its directories when nothing else is in
   * them.
   *
   * @returns what takes it back
   */
  async write(text: string): Promise<() => Promise<void>> {
    const before = await this.read();
    if (text !== before) await this.#replace(text);
    return async () => {
      if (text !== before) await this.#replace(before);
    };
  }

  async #replace(text: string): Promise<void> {
    const directory = dirname(this.path);
    if (text === '') {
      await unless(['ENOENT', 'ENOTDIR'], unlink(this.path));
      // Others may have files there, too.
      for (const empty of [directory, dirname(directory), `${this.place.configuration}/netns`]) {
        await unless(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EBUSY'], rmdir(empty));
      }
      return;
    }
    // Without a directory to put it in the place of, every `ip netns exec` complains. Distributions that have their files in /usr/share have none.
    await makeReadable(`${this.place.configuration}/iproute2`);
    for (const needed of [dirname(dirname(directory)), dirname(directory), directory]) await makeReadable(needed);
    const temporary = `${directory}/.${randomBytes(8).toString('hex')}.tmp`;
    try {
      const file = await open(temporary, 'wx', 0o644);
      try {
        await file.chmod(0o644);
        await file.writeFile(text);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.path);
    } catch (error) {
      await unless(['ENOENT'], unlink(temporary));
      throw error;
    }
    const opened = await open(directory, 'r');
    try {
      await opened.sync();
    } finally {
      await opened.close();
    }
  }

  /** The host's own files: the operator's, else the distribution's, and what packages add. */
  async #hosts(): Promise<string[]> {
    const { configuration, defaults } = this.place;
    const main =
      (await textOf(`${configuration}/iproute2/rt_tables`)) ?? (await textOf(`${defaults}/iproute2/rt_tables`));
    const added = await Promise.all(
      [configuration, defaults]
        .map((root) => `${root}/iproute2/rt_tables.d`)
        .map(async (directory) => {
          const names = (await namesIn(directory))
            .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
            .sort();
          return Promise.all(names.map((name) => textOf(`${directory}/${name}`)));
        }),
    );
    return [main, ...added.flat()].filter((text) => text !== undefined);
  }
}

/** As `mkdir` and `ip netns` make it, whatever our umask is. */
async function makeReadable(directory: string): Promise<void> {
  if ((await unless(['EEXIST'], mkdir(directory, { recursive: true }))) !== undefined) await chmod(directory, 0o755);
}

async function textOf(path: string): Promise<string | undefined> {
  return unless(['ENOENT', 'ENOTDIR'], readFile(path, 'utf8'));
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return (await unless(['ENOENT', 'ENOTDIR'], readdir(directory))) ?? [];
}

/** What was asked for; undefined when the system refused it with one of some codes. */
async function unless<T>(codes: readonly string[], asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (codes.includes((error as { code?: string }).code ?? '')) return undefined;
    throw error;
  }
}
