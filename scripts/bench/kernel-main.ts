/** The kernel part of the benchmark; runs in a network namespace of its own and prints its section as JSON. */
import { parseArgs } from 'node:util';
import { measureKernel } from './kernel-measurements.js';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const section = JSON.stringify(await measureKernel(values.quick));
// The addon's threads and sockets would keep the process alive; what is printed must be out before it ends.
process.stdout.write(section, () => process.exit());
