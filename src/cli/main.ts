import { fileURLToPath } from 'node:url';
import type { Host } from './composition.js';
import { runProgram } from './program.js';
import { version } from './version.js';

await runProgram(process.argv, {
  loadHost,
  version,
  socketPath: '/run/cloudstack-netns/daemon.sock',
  logDirectory: '/var/log/cloudstack/extensions',
  bundle: fileURLToPath(import.meta.url),
});

async function loadHost(): Promise<Host> {
  const [{ createHandler }, { probeCapabilities }, { native }] = await Promise.all([
    import('../executor/handler.js'),
    import('../executor/capabilities.js'),
    import('../kernel/index.js'),
  ]);
  let capabilities: ReturnType<typeof probeCapabilities> | undefined;
  return {
    createHandler: () => createHandler({ report: (line) => process.stderr.write(`cloudstack-netns: ${line}\n`) }),
    peerCredentials: (descriptor) => native.peerCredentials(descriptor),
    capabilities: async () => {
      capabilities ??= probeCapabilities();
      return { ...(await capabilities) };
    },
  };
}
