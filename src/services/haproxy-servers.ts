/** The guests behind a running haproxy, through its socket (haproxy 2.6, management.txt, "Unix Socket commands"). */

import { connect } from 'node:net';

/** By backend and name, with what follows the name in a line of the configuration. */
export type Servers = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** By backend and name: whether new connections are kept from it. */
type Present = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

/** How long haproxy may take to answer, in milliseconds: it takes 0.1. */
const patience = 2_000;

/** Longest line of commands, in characters: half of haproxy's buffer. */
const longestLine = 8_000;

/** Columns of `show servers state`, version 1. */
const columns = { backend: 1, server: 3, administrative: 6 } as const;

/** Bit of the administrative state: somebody has put it into maintenance. */
const maintenance = 1;

/**
 * Has haproxy serve by these guests and no others. One that goes gets no new connections; it is deleted when the ones it has have ended, at the
 * next change.
 *
 * @param socket path of haproxy's socket
 * @param wanted all backends are those that haproxy was started with
 * @returns false when haproxy did not do it: it balances by a fixed table (`static-rr`), or is another one than was thought
 */
export async function updateServers(socket: string, wanted: Servers): Promise<boolean> {
  try {
    const commands = commandsFor(wanted, await present(socket));
    if (commands.length === 0) return true;
    for (const line of lines(commands)) await ask(socket, line);
    // Each command has an answer of its own kind; what counts is what has become.
    return commandsFor(wanted, await present(socket)).every((command) => command.startsWith('del '));
  } catch {
    return false;
  }
}

/** What is to be said so that what is present becomes what is wanted. */
function commandsFor(wanted: Servers, found: Present): string[] {
  const commands: string[] = [];
  for (const [backend, servers] of wanted) {
    for (const [name, words] of servers) {
      const server = `${backend}/${name}`;
      const isKept = found.get(backend)?.get(name);
      if (isKept === undefined) commands.push(`add server ${server} ${words}`);
      if (isKept !== false) commands.push(`enable health ${server}`, `set server ${server} state ready`);
    }
  }
  for (const [backend, servers] of found) {
    for (const [name, isKept] of servers) {
      if (wanted.get(backend)?.has(name) === true) continue;
      const server = `${backend}/${name}`;
      if (!isKept) commands.push(`set server ${server} state maint`);
      commands.push(`del server ${server}`);
    }
  }
  return commands;
}

async function present(socket: string): Promise<Present> {
  const backends = new Map<string, Map<string, boolean>>();
  const [version, ...rows] = (await ask(socket, 'show servers state')).split('\n');
  if (version !== '1') throw new Error('haproxy did not tell its servers');
  for (const row of rows) {
    if (row.startsWith('#')) continue;
    const words = row.split(' ');
    const [backend, server] = [words[columns.backend], words[columns.server]];
    if (backend === undefined || server === undefined) continue;
    const servers = backends.get(backend) ?? new Map<string, boolean>();
    backends.set(backend, servers.set(server, (Number(words[columns.administrative]) & maintenance) !== 0));
  }
  return backends;
}

function lines(commands: readonly string[]): string[] {
  const found: string[] = [];
  for (const command of commands) {
    const last = found.at(-1);
    if (last === undefined || last.length + command.length > longestLine) found.push(command);
    else found[found.length - 1] = `${last};${command}`;
  }
  return found;
}

/** One line of commands; the answer ends with the connection. */
function ask(socket: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const connection = connect(socket);
    connection.setTimeout(patience, () => connection.destroy(new Error('haproxy does not answer')));
    connection.on('error', reject);
    connection.on('data', (piece) => pieces.push(piece));
    connection.on('end', () => resolve(Buffer.concat(pieces).toString('latin1')));
    connection.end(`${line}\n`);
  });
}
