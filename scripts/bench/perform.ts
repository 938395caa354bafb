import type { CommandOptions, TestHost } from '../../test/host/host.js';
import { CommandFailed } from '../../test/host/outcome.js';

/** Calls a command that must succeed, with whichever program is installed: another one may print what it likes. */
export async function performAnyhow(host: TestHost, command: string, options: CommandOptions): Promise<void> {
  const outcome = await host.call(command, options);
  if (outcome.exit !== 0 || outcome.timedOut) throw new CommandFailed([command], outcome);
}
