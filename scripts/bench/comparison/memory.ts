import { footprintOf } from '../services/memory.js';
import type { Side } from './side.js';

/** Bytes of memory that the programs of a host take; those of the harness do not count. */
export async function memoryOf(side: Side): Promise<number> {
  // What was left behind to announce an address ends within a second; a daemon gives memory back after three of rest.
  const { stdout } = await side.host.self.run(['sh', '-c', "sleep 5; pgrep -v -f 'agent\\.py'"]);
  const own = await side.host.self.run(['ps', '-o', 'pid=', '-p', stdout.trim().split('\n').join(',')]);
  const pids = own.stdout.split('\n').filter(Boolean).map(Number);
  return (await footprintOf(side.host, pids)).proportional * 1024;
}
