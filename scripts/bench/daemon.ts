import { z } from 'zod';
import type { TestHost } from '../../test/host/host.js';

export async function daemonPid(host: TestHost): Promise<number> {
  const { stdout } = await host.callRaw(['--status']);
  return z.object({ pid: z.number() }).parse(JSON.parse(stdout)).pid;
}

/** Ends the daemon of a test host in an orderly way; the next call starts another. */
export async function endDaemon(host: TestHost): Promise<void> {
  const pid = await daemonPid(host);
  await host.self.output('kill', String(pid));
  const gone = async () => (await host.self.run(['kill', '-0', String(pid)])).exit !== 0;
  if (!(await host.self.eventually(gone))) throw new Error(`the daemon ${pid} does not stop`);
}
