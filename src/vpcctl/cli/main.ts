import { version } from '../../cli/version.js';
import { oneLine } from '../../daemon/failure.js';
import { thisKernel } from '../../executor/kernel.js';
import { MetadataStore, usualDirectory } from '../metadata/store.js';
import { createProgram } from './program.js';

const store = new MetadataStore(process.env.VPCCTL_DIRECTORY ?? usualDirectory);
const program = createProgram({
  version,
  context: ({ dryRun }) => ({
    kernel: thisKernel,
    store,
    dryRun,
    say: (line) => void process.stdout.write(`${line}\n`),
  }),
});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.stderr.write(`vpcctl: ${oneLine(error)}\n`);
  process.exit(1);
}
// Sockets and threads of the kernel layer would keep the process alive.
process.exit();
