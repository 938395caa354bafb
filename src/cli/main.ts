import { fileURLToPath } from 'node:url';
import { runProgram } from './program.js';
import { version } from './version.js';

await runProgram(process.argv, {
  loadHost: async () => {
    const [{ createHandler }, { native }] = await Promise.all([
      import('../executor/handler.js'),
      import('../kernel/index.js'),
    ]);
    return { createHandler, peerCredentials: (descriptor) => native.peerCredentials(descriptor) };
  },
  version,
  socketPath: '/run/cloudstack-netns/daemon.sock',
  logDirectory: '/var/log/cloudstack/extensions',
  bundle: fileURLToPath(import.meta.url),
});
