/** The HTTP servers that the shell wrapper has left running for a network: they have the addresses and ports that ours are to have. */

import { rmSync } from 'node:fs';
import { networkDirectory } from '../state/layout.js';
import { argumentsOf, end, isIn, type NamespaceInode, type ProcessIdentity, processOf } from './process.js';
import { readPidFile } from './process-record.js';

/** One of the two. Paths are inside a network's directory. */
interface ShellServer {
  readonly name: string;
  readonly pidFile: string;
  /** A file that it was started with as an argument, as no other network's server was. */
  readonly ownFile: string;
}

/** As the shell wrapper starts them: `apache2 -f <ownFile> -k start` and `python3 <ownFile> …`, once for each network. */
const servers: readonly ShellServer[] = [
  { name: 'apache2', pidFile: 'apache2/apache2.pid', ownFile: 'apache2/apache2.conf' },
  { name: 'password server', pidFile: 'passwd-server.pid', ownFile: 'passwd-server.py' },
];

/** A server that was ended. */
export interface EndedServer {
  readonly name: string;
  readonly pid: number;
}

/**
 * Ends those of one network. A number in an old file may be anybody's by now, so a process counts only if it was started with the network's
 * own file and is in the network's namespace.
 *
 * @param root the state root of the extension
 */
export async function endShellServers(
  root: string,
  networkId: string,
  namespace: NamespaceInode,
): Promise<EndedServer[]> {
  const directory = `${root}/${networkDirectory(networkId)}`;
  const ended: EndedServer[] = [];
  for (const { name, pidFile, ownFile } of servers) {
    const pid = readPidFile(`${directory}/${pidFile}`);
    const found = pid === undefined ? undefined : processOf(pid);
    if (found === undefined || !isStartedWith(found, `${directory}/${ownFile}`) || !isIn(found, namespace)) continue;
    await end(found);
    // Else the shell wrapper, if it is put back, takes whoever gets the number next for its server.
    rmSync(`${directory}/${pidFile}`, { force: true });
    ended.push({ name, pid: found.pid });
  }
  return ended;
}

function isStartedWith(process: ProcessIdentity, file: string): boolean {
  return argumentsOf(process).includes(file);
}
