// Loaded into the daemon before its program (node --import): notes when each call came, what was asked of the kernel and the disk,
// and when the reply went out. Everything is kept in memory and written to $CSN_TRACE at the end, one JSON line per event:
// kind, name, start and end on CLOCK_MONOTONIC in nanoseconds.
import { subscribe } from 'node:diagnostics_channel';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';

const file = process.env.CSN_TRACE ?? '';
delete process.env.CSN_TRACE;

const now = () => Number(process.hrtime.bigint());
/** @type {[kind: string, name: string, start: number, end: number][]} */
const events = [];
const note = (/** @type {string} */ kind, /** @type {string} */ name, /** @type {number} */ start) =>
  events.push([kind, name, start, now()]);

/**
 * A function that notes how long each call took; of an asynchronous one, until its promise has settled.
 *
 * @template {(...values: any[]) => any} Call
 * @param {string} kind
 * @param {Call} call
 * @param {(...values: Parameters<Call>) => string} nameOf
 * @returns {Call}
 */
function timed(kind, call, nameOf) {
  // @ts-expect-error the same signature
  return function (...values) {
    const name = nameOf(.../** @type {Parameters<Call>} */ (values));
    const start = now();
    // @ts-expect-error whatever it is called on
    const result = call.apply(this, values);
    if (result instanceof Promise) {
      const settled = () => note(kind, name, start);
      result.then(settled, settled);
    } else {
      note(kind, name, start);
    }
    return result;
  };
}

const write = fs.writeFileSync;

for (const name of /** @type {const} */ (['fdatasync', 'fsync'])) {
  const flush = fs[name];
  // @ts-expect-error the promisified form is not used
  fs[name] = (/** @type {number} */ descriptor, /** @type {(error: Error | null) => void} */ done) => {
    const start = now();
    flush(descriptor, (error) => {
      note('disk', name, start);
      done(error);
    });
  };
}
const synchronous = /** @type {const} */ ([
  'closeSync',
  'fstatSync',
  'lstatSync',
  'mkdirSync',
  'openSync',
  'readFileSync',
  'renameSync',
  'rmdirSync',
  'statSync',
  'unlinkSync',
  'writeFileSync',
]);
// @ts-expect-error each keeps its own signature
for (const name of synchronous) fs[name] = timed('files', fs[name], () => name);
for (const name of /** @type {const} */ (['appendFile', 'mkdir', 'readFile', 'readdir', 'rm', 'stat'])) {
  // @ts-expect-error each keeps its own signature
  fs.promises[name] = timed('files', fs.promises[name], () => name);
}
syncBuiltinESMExports();

subscribe('net.server.socket', () => note('call', 'accepted', now()));
Socket.prototype.write = timed('reply', Socket.prototype.write, () => 'write');

// The addon's classes are sealed: its exports are replaced as it is loaded.
const load = process.dlopen;
process.dlopen = (/** @type {{ exports: any }} */ module, /** @type {[string, number?]} */ ...rest) => {
  // @ts-expect-error the number of flags is optional
  load.call(process, module, ...rest);
  const addon = module.exports;
  for (const name of ['createNamespace', 'deleteNamespace', 'listNamespaces', 'writeSysctls', 'announceAddresses']) {
    addon[name] = timed('kernel', addon[name], () => name);
  }
  for (const name of ['identifyNamespace', 'isNamespace', 'tryLock', 'peerCredentials']) {
    addon[name] = timed('files', addon[name], () => name);
  }
  const { NativeSocket } = addon;
  addon.NativeSocket = {
    open: timed(
      'kernel',
      async (...values) => traced(await NativeSocket.open(...values)),
      () => 'open socket',
    ),
  };
};

/** @param {any} socket a NativeSocket */
function traced(socket) {
  const messages = (/** @type {{ message: string }[]} */ operations) =>
    [...new Set(operations.map(({ message }) => message))].join('+');
  return {
    get namespace() {
      return socket.namespace;
    },
    get closed() {
      return socket.closed;
    },
    batch: timed('kernel', (operations, options) => socket.batch(operations, options), messages),
    get: timed(
      'kernel',
      (operation, options) => socket.get(operation, options),
      ({ message }) => message,
    ),
    dump: timed(
      'kernel',
      (operation, options) => socket.dump(operation, options),
      ({ message }) => `dump ${message}`,
    ),
    transmit: timed(
      'kernel',
      (bytes, options) => socket.transmit(bytes, options),
      () => 'bytes',
    ),
    close: () => socket.close(),
  };
}

process.on('exit', () => write(file, events.map((event) => `${JSON.stringify(event)}\n`).join('')));
