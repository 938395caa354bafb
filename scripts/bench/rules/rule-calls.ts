import { execFileSync } from 'node:child_process';
import type { Network } from '../../../test/system/network.js';
import type { Schedule } from '../schedule.js';
import { aclList, firewallList, withOneChanged } from './rule-lists.js';
import { publicIpsOf, type RuleScene } from './rule-scene.js';

/** Lists of one length, and how often they are put in each other's place. */
export interface RuleSize {
  readonly kind: 'firewall' | 'acl';
  readonly count: number;
  readonly rounds: number;
  readonly warmUp: number;
}

/** Calls that put the rules of one network in place. */
export interface RuleCalls {
  readonly id: string;
  readonly size: RuleSize;
  /** Two lists that have next to nothing in common, and each with one rule changed. */
  readonly lists: readonly { readonly whole: readonly string[]; readonly changed: readonly string[] }[];
}

export function idOf({ kind, count }: Pick<RuleSize, 'kind' | 'count'>): string {
  return `${kind} ${count}`;
}

/** Writes the lists; each size has a network of its own. */
export function prepareCalls(scene: RuleScene, stateDisk: string, sizes: readonly RuleSize[]): RuleCalls[] {
  const networks = { firewall: [...scene.networks], acl: [...scene.tiers] };
  const calls = sizes.map((size) => {
    const network = networks[size.kind].shift();
    if (network === undefined) throw new Error('the host has too few networks');
    const id = idOf(size);
    const lists = [0, 1].map((which) => ({
      whole: callOf(scene, network, size, which, false),
      changed: callOf(scene, network, size, which, true),
    }));
    return { id, size, lists };
  });
  // Else the first measured fdatasync would wait for all of them.
  execFileSync('sync', ['-f', stateDisk]);
  return calls;
}

/**
 * The calls of one size: the one list and the other in turns, each followed by itself with one rule changed.
 *
 * @param rest milliseconds before each call, or more where the kernel still frees what the call before has replaced
 */
export function addCalls(schedule: Schedule, { id, size, lists }: RuleCalls, rest: number): void {
  const pause = Math.max(rest, size.count / 100);
  for (let round = 0; round < size.warmUp + size.rounds; round++) {
    const isMeasured = round >= size.warmUp;
    const list = lists[round % lists.length];
    if (list === undefined) continue;
    schedule.add(isMeasured ? `${id} different` : undefined, list.whole, pause);
    schedule.add(isMeasured ? `${id} changed` : undefined, list.changed, pause);
  }
}

function callOf(scene: RuleScene, network: Network, size: RuleSize, which: number, isChanged: boolean): string[] {
  const { kind, count } = size;
  const name = `${idOf(size)} ${which}${isChanged ? ' changed' : ''}`;
  const changed = <Rule>(list: (seed: number) => readonly Rule[]) => {
    const rules = list(1 + which);
    return isChanged ? withOneChanged(rules, list(3)) : rules;
  };
  if (kind === 'acl') {
    const entries = changed((seed) => aclList({ seed, count }));
    return scene.aclCall(network, name, entries);
  }
  const publicIps = publicIpsOf(network);
  return scene.firewallCall(
    network,
    name,
    changed((seed) => firewallList({ seed, count, publicIps })),
  );
}
