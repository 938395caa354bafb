import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../../src/cli/program.js';
import { handling } from './handling.js';

/*
 * The real program around a handler that only answers: what the native client starts in the tests. All its files lie in one
 * directory: <base>/lib/cloudstack-netns.js, <base>/run, <base>/log; <base>/starts gets a line for every daemon.
 */

const bundle = fileURLToPath(import.meta.url);
const base = dirname(dirname(bundle));

const handler = handling(async (invocation) => {
  const [command, value = ''] = invocation.arguments;
  switch (command) {
    case 'say-invocation':
      return { exitCode: 0, stdout: JSON.stringify(invocation), stderr: '' };
    case 'fill':
      return { exitCode: 3, stdout: 'o'.repeat(Number(value)), stderr: 'e'.repeat(Number(value)) };
    case 'wait':
      await sleep(Number(value));
      return { exitCode: 0, stdout: `waited ${value}`, stderr: '' };
    case 'throw':
      throw new Error(`cannot do it: ${value}\nsecond line`);
    case 'die':
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    case 'die-if-first':
      if (process.pid === Number(value)) process.kill(process.pid, 'SIGKILL');
      return { exitCode: 0, stdout: `pid ${process.pid}`, stderr: '' };
    default:
      return { exitCode: 0, stdout: `${process.pid}\n`, stderr: '' };
  }
});

await runProgram(process.argv, {
  loadHost: async () => {
    appendFileSync(join(base, 'starts'), `${process.pid}\n`);
    return {
      createHandler: async () => handler,
      show: async () => '',
      unpack: async () => 0,
      peerCredentials: () => ({ pid: 1, uid: 0, gid: 0 }),
      capabilities: async () => ({ vlan: true }),
    };
  },
  version: '1.2.3',
  socketPath: join(base, 'run', 'daemon.sock'),
  logDirectory: join(base, 'log'),
  bundle,
});
