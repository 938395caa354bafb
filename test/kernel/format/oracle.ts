// What the tests of the formatter share: nft's own listing, and tables that differ only in what nft itself does not keep.
import { execFileSync, spawnSync } from 'node:child_process';
import { readRuleset } from '../../../src/format/nft/index.js';
import { formatRuleset } from '../../../src/format/nft/ruleset.js';
import type { Scene } from '../scene.js';

/** Names of the links that nft prints by themselves. */
export const links = new Map([[1, 'lo']]);

/** Our text of what the kernel lists. */
export async function ours(scene: Scene, names = false): Promise<string> {
  return formatRuleset(await readRuleset(scene.netfilter), { links, names });
}

/** nft's text of the same. */
export function theirs(scene: Scene, names = false): string {
  return scene.ruleset(...(names ? [] : ['-nn'])).replace(/^# Warning: .*\n/gm, '');
}

/** Whether nft takes a script; the complaint if not. */
export function complaint(scene: Scene, script: string): string | undefined {
  const { status, stderr } = spawnSync('ip', ['netns', 'exec', scene.name, 'nft', '-f', '-'], { input: script });
  return status === 0 ? undefined : stderr.toString();
}

/** Runs a program inside. */
export function inside(scene: Scene, ...command: readonly string[]): void {
  execFileSync('ip', ['netns', 'exec', scene.name, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
}
