// Network namespaces of a test's own, gone when it ends.
import { execFileSync } from 'node:child_process';
import { afterEach } from 'vitest';
import { type NativeSocket, native } from '../../../src/kernel/native.js';

let made: string[] = [];
let opened: NativeSocket[] = [];
let count = 0;

afterEach(async () => {
  const sockets = opened;
  const names = made;
  opened = [];
  made = [];
  for (const socket of sockets) await socket.close();
  for (const name of names) if ((await native.listNamespaces()).includes(name)) await native.deleteNamespace(name);
});

/** A name nobody else uses; what is called so is deleted after the test. */
export function scratchName(): string {
  count += 1;
  const name = `scratch-${process.pid}-${count}`;
  made.push(name);
  return name;
}

export async function scratchNamespace(): Promise<string> {
  const name = scratchName();
  await native.createNamespace(name);
  return name;
}

export async function openSocket(protocol: 'route' | 'netfilter', namespace?: string): Promise<NativeSocket> {
  const socket = await native.NativeSocket.open(protocol, namespace);
  opened.push(socket);
  return socket;
}

/** Runs a program, inside a namespace when one is given, and returns what it prints. */
export function run(command: readonly string[], namespace?: string): string {
  const [program, ...rest] = namespace === undefined ? command : ['ip', 'netns', 'exec', namespace, ...command];
  return execFileSync(program ?? '', rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

// linux/netlink.h
export const NLM_F_ECHO = 0x8;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
