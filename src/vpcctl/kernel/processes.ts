/** Processes in the namespaces of subnets. */

import { readdirSync } from 'node:fs';
import type { NamespaceIdentity } from '../../kernel/native.js';
import { end, namespaceOf, type ProcessIdentity, processOf } from '../../services/process.js';

/** New processes may be started while others end; nobody starts this many times. */
const mostLooks = 20;

/** Ends all processes in some namespaces: each is asked to, and ended when it does not within two seconds. */
export async function endProcesses(namespaces: readonly NamespaceIdentity[]): Promise<void> {
  if (namespaces.length === 0) return;
  for (let look = 0; look < mostLooks; look++) {
    const found = processesIn(namespaces);
    if (found.length === 0) return;
    await Promise.all(found.map(end));
  }
  throw new Error(`processes in namespaces are started again and again; end what starts them`);
}

function processesIn(namespaces: readonly NamespaceIdentity[]): ProcessIdentity[] {
  const known = new Set(namespaces.map(({ device, inode }) => `${device} ${inode}`));
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => {
      const process = { pid: Number(name), startTime: '' };
      const own = namespaceOf(process);
      const found = own !== undefined && known.has(`${own.device} ${own.inode}`) ? processOf(process.pid) : undefined;
      return found ?? [];
    });
}
