// A private network namespace with our sockets in it, and the oracles beside them. Gone when the test ends.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { afterEach } from 'vitest';
import { NetfilterSocket } from '../../src/kernel/netfilter-socket.js';
import { RouteSocket } from '../../src/kernel/route-socket.js';
import { scratchNamespace } from './native/scratch.js';

let endings: (() => unknown)[] = [];

afterEach(async () => {
  const now = endings;
  endings = [];
  for (const end of now) await end();
});

/** What `ip -j` and `nft -j` print; what is in it is what the tests ask. */
export type Json = { readonly [member: string]: unknown };

export class Scene {
  private constructor(
    readonly name: string,
    readonly route: RouteSocket,
    readonly netfilter: NetfilterSocket,
  ) {}

  static async open(): Promise<Scene> {
    const name = await scratchNamespace();
    const route = await RouteSocket.open(name);
    const netfilter = await NetfilterSocket.open(name);
    endings.push(
      () => route.close(),
      () => netfilter.close(),
    );
    return new Scene(name, route, netfilter);
  }

  /** An open descriptor of the namespace. */
  descriptor(): number {
    const descriptor = openSync(`/run/netns/${this.name}`, 'r');
    endings.push(() => closeSync(descriptor));
    return descriptor;
  }

  /** Runs `ip` inside. */
  ip(command: string): void {
    execFileSync('ip', ['-n', this.name, ...command.split(' ')], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** What `ip -j -d` says, without empty objects, which it prints for what it filters out. */
  ipJson(command: string): Json[] {
    const text = execFileSync('ip', ['-n', this.name, '-j', '-d', ...command.split(' ')], { encoding: 'utf8' });
    const list = text.trim() === '' ? [] : (JSON.parse(text) as Json[]);
    return list.filter((item) => Object.keys(item).length > 0);
  }

  /** Runs a script of `nft`. */
  nft(script: string): void {
    execFileSync('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'], {
      input: script,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  /** The ruleset as `nft` lists it. */
  ruleset(...options: readonly string[]): string {
    const command = ['netns', 'exec', this.name, 'nft', ...options, 'list', 'ruleset'];
    return execFileSync('ip', command, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  }

  /** The lines of the ruleset, without their indentation. */
  lines(...options: readonly string[]): string[] {
    return this.ruleset(...options)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }

  /** The objects of one kind in `nft -j list ruleset`: `table`, `chain`, `rule`, `set`, `map`, `counter`, … */
  nftJson(kind: string): Json[] {
    const { nftables } = JSON.parse(this.ruleset('-j')) as { nftables: Record<string, Json>[] };
    return nftables.map((item) => item[kind]).filter((item) => item !== undefined);
  }

  /** Index of a link, as `ip` says it. */
  index(link: string): number {
    return this.ipJson(`link show dev ${link}`)[0]?.ifindex as number;
  }
}
