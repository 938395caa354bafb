// What a worker thread of the tests does: requests without end on sockets in a namespace. Plain JavaScript, so that it runs
// under a sanitizer without a test runner too (threads-main.mjs).
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

const native = createRequire(import.meta.url)(workerData.addon);
const route = await native.NativeSocket.open('route', workerData.namespace);
const netfilter = await native.NativeSocket.open('netfilter', workerData.namespace);
const table = { message: 'nft.table.new', flags: 0x400, body: { family: 'ip', name: `t${workerData.number}` } };
const gone = { ...table, message: 'nft.table.delete' };

parentPort.postMessage('begun');
for (let turn = 0; turn !== workerData.turns; turn += 1) {
  const requests = [
    route.dump({ message: 'link.get', body: {} }, { timeout: 5000 }),
    netfilter.batch([table], { nftables: true, timeout: 5000 }),
    // A whole list of failures, built while the worker may end.
    netfilter.batch(
      Array.from({ length: 50 }, () => ({ message: 'nft.table.delete', body: { family: 'ip', name: 'none' } })),
      { nftables: true, timeout: 5000 },
    ),
    // Never answered: its thread waits until the environment ends.
    ...(workerData.turns < 0
      ? [
          (await native.NativeSocket.open('netfilter', workerData.namespace))
            .transmit(native.encode([table], { nftables: true, acknowledge: false }), { timeout: 60_000 })
            .catch(() => {}),
        ]
      : []),
    native.readSysctl(workerData.namespace, 'net.ipv4.ip_forward'),
  ];
  const [links, made] = await Promise.all(workerData.turns < 0 ? requests.slice(0, 3) : requests);
  if (links.length === 0 || made.errors.length > 0) throw new Error(JSON.stringify(made));
  await netfilter.batch([gone], { nftables: true, timeout: 5000 });
}
await route.close();
await netfilter.close();
parentPort.postMessage('done');
