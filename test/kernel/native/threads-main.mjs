// Worker threads at once, and ended while their requests run. Usage: threads-main.mjs ADDON NAMESPACE [ENDINGS]
//
// Under AddressSanitizer: build the addon with -fsanitize=address and run this with LD_PRELOAD=$(gcc -print-file-name=libasan.so)
// ASAN_OPTIONS=detect_leaks=0.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

const [addon, namespace, endings = '200'] = process.argv.slice(2);
const native = createRequire(import.meta.url)(addon);
await native.createNamespace(namespace);
const file = new URL('./worker.mjs', import.meta.url);
const start = (number, turns) => new Worker(file, { workerData: { addon, namespace, number, turns } });
const descriptors = () => readdirSync('/proc/self/fd').length;

async function ended(worker) {
  const messages = [];
  worker.on('message', (message) => messages.push(message));
  const [code] = await once(worker, 'exit');
  if (code !== 0 || messages.at(-1) !== 'done') throw new Error(`worker: exit ${code} after ${messages}`);
}

await Promise.all([0, 1, 2, 3].map((number) => ended(start(number, 100))));
console.log('at once');

const before = descriptors();
for (let turn = 0; turn < Number(endings); turn += 1) {
  const worker = start(turn, -1);
  // Some before it has begun, some in the middle.
  if (turn % 4 !== 0) await once(worker, 'message');
  await new Promise((resolve) => setTimeout(resolve, turn % 7));
  await worker.terminate();
}
const after = descriptors();
await native.deleteNamespace(namespace);
if (after > before) throw new Error(`${after - before} descriptors leaked`);
console.log('ended');
