import { startDaemon } from '../daemon/daemon.js';
import { activatedDescriptor } from '../daemon/socket-place.js';
import type { Composition } from './composition.js';

/** Runs the daemon in the foreground, until a signal or until its socket is taken away. */
export async function runDaemon({ loadHost, socketPath, logDirectory, version }: Composition): Promise<void> {
  // Whatever is written here may hold secrets, from its first byte on.
  process.umask(0o077);
  const descriptor = activatedDescriptor();
  const starting = loadHost().then((host) =>
    startDaemon({ ...host, socketPath, activatedDescriptor: descriptor, logDirectory, version }),
  );
  // From now on, not from when it listens: a signal in between must not leave a socket behind. A failure is reported below.
  const stop = () => void starting.then((daemon) => daemon.stop()).catch(() => undefined);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  const daemon = await starting;
  if (process.stdout.isTTY) process.stdout.write(`cloudstack-netns ${version} listens on ${socketPath}\n`);
  await daemon.stopped;
}
