import type { Host } from './composition.js';
import { runProgram } from './program.js';
import { version } from './version.js';

/** The program as it is started (start.ts). */
export interface Program {
  /**
   * Runs the command line and ends the process.
   *
   * @param script the file that Node.js was given
   */
  run(script: string): void;
  /** Loads what commands and the daemon need. */
  load(): Promise<unknown>;
}

export const { run, load }: Program = {
  run: (script) =>
    void runProgram(process.argv, {
      loadHost,
      version,
      socketPath: '/run/cloudstack-netns/daemon.sock',
      logDirectory: '/var/log/cloudstack/extensions',
      bundle: script,
    }),
  load: loadHost,
};

/** After this many milliseconds the daemon looks what its kernel can do: the first commands come first. */
const probeDelay = 1_000;

async function loadHost(): Promise<Host> {
  const [{ createHandler }, { show }, { missingCapabilities, probeCapabilities }, { unpack }, { native }] =
    await Promise.all([
      import('../executor/handler.js'),
      import('../executor/show.js'),
      import('../executor/capabilities.js'),
      import('../executor/unpack.js'),
      import('../kernel/index.js'),
    ]);
  const report = (line: string) => void process.stderr.write(`cloudstack-netns: ${line}\n`);
  return {
    createHandler: async () => {
      const handler = await createHandler({ report });
      const probe = () =>
        probeCapabilities()
          .then((capabilities) => missingCapabilities(capabilities).forEach(report))
          .catch((error: unknown) => report(`the kernel's capabilities could not be probed: ${String(error)}`));
      setTimeout(() => void probe(), probeDelay).unref();
      return handler;
    },
    show,
    unpack,
    peerCredentials: (descriptor) => native.peerCredentials(descriptor),
    trimMemory: () => native.trimMemory(),
    capabilities: async () => ({ ...(await probeCapabilities()) }),
  };
}
