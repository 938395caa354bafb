import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandError } from '../../../src/commands/command-error.js';
import type { Links, Plan } from '../../../src/commands/plan.js';
import { planTogether } from '../../../src/commands/plan-together.js';
import type { Command } from '../../../src/contract/command.js';
import { applyChange } from '../../../src/model/change.js';
import { Domain } from '../../../src/model/domain.js';
import { changeEdits } from '../../../src/state/change-edits.js';
import { commit } from '../state/file-work.js';
import { anyHistory } from './arbitraries.js';
import {
  addForward,
  addStaticNat,
  assign,
  carryOut,
  contents,
  deleteForward,
  domainAfter,
  implement,
  release,
  saveUserData,
  shutdown,
} from './builders.js';

/** What plans make of links, addresses and routes: the executor in small. */
class World {
  readonly things = new Set<string>();
  defaultRoute: string | undefined;

  carryOut({ links, namespace }: Plan): void {
    if (namespace === 'remove') {
      this.things.clear();
      this.defaultRoute = undefined;
      return;
    }
    for (const { bridge, port } of links.bridges) this.things.add(`bridge ${bridge} with ${port}`);
    for (const { host, inside, bridge } of links.pairs) this.things.add(`pair ${host} to ${inside} at ${bridge}`);
    for (const { link, address, prefix } of links.addresses) this.things.add(`address ${address}/${prefix} on ${link}`);
    for (const { address, link } of links.hostRoutes) this.things.add(`route to ${address} by ${link}`);
    this.#route(links.defaultRoute);
    for (const { link, address, prefix } of links.removedAddresses) {
      this.things.delete(`address ${address}/${prefix} on ${link}`);
    }
    for (const { address, link } of links.removedHostRoutes) this.things.delete(`route to ${address} by ${link}`);
    for (const host of links.removedPairs) {
      for (const thing of this.things) if (thing.startsWith(`pair ${host} `)) this.things.delete(thing);
    }
  }

  #route(wanted: Links['defaultRoute']): void {
    if (wanted === undefined) return;
    const candidates = wanted.candidates.map(({ gateway, link }) => `${gateway} ${link}`);
    const isGood = this.defaultRoute !== undefined && candidates.includes(this.defaultRoute);
    if (!(wanted.keep && isGood)) this.defaultRoute = candidates[0];
  }
}

/** What commands have led to. */
class Host {
  readonly root = mkdtempSync(join(tmpdir(), 'csn-together-'));
  readonly world = new World();
  readonly answers: string[] = [];
  transactions = 0;

  constructor(readonly domain: Domain) {}

  async carryOut(plan: Plan): Promise<void> {
    for (const change of plan.changes) applyChange(this.domain, change);
    if (plan.namespace !== 'expect') this.domain.present = plan.namespace === 'ensure';
    await this.write(plan);
  }

  async write(plan: Plan): Promise<void> {
    this.world.carryOut(plan);
    await (await commit(this.root, [...changeEdits(this.domain, plan.changes), ...plan.files])).settle();
    this.transactions++;
  }

  async oneByOne(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      try {
        await this.write(carryOut(this.domain, command));
        this.answers.push('done');
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        this.answers.push(error.message);
      }
    }
  }

  async together(commands: readonly Command[]): Promise<void> {
    for (let first = 0; first < commands.length; ) {
      const before = JSON.stringify(contents(this.domain));
      const { plan, planned } = planTogether(commands.slice(first), this.domain);
      expect(JSON.stringify(contents(this.domain))).toBe(before);
      if (plan !== undefined) await this.carryOut(plan);
      expect(planned.length).toBeGreaterThan(0);
      first += planned.length;
      for (const one of planned) this.answers.push('plan' in one ? 'done' : (one.error as CommandError).message);
    }
  }

  get everything(): object {
    const { defaultRoute, things } = this.world;
    return {
      ...contents(this.domain),
      answers: this.answers,
      defaultRoute,
      things: [...things].sort(),
      files: this.#files(),
    };
  }

  #files(): Record<string, string> {
    const entries = readdirSync(this.root, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
    const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
    return Object.fromEntries(paths.map((path) => [relative(this.root, path), readFileSync(path, 'latin1')]));
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

async function bothWays(domain: Domain, commands: readonly Command[]): Promise<{ one: Host; other: Host }> {
  const one = new Host(new Domain(domain.id, domain.namespace));
  const other = new Host(new Domain(domain.id, domain.namespace));
  try {
    await one.oneByOne(commands);
    await other.together(commands);
    expect(other.everything).toEqual(one.everything);
  } finally {
    one.remove();
    other.remove();
  }
  return { one, other };
}

describe('commands that are planned together', () => {
  it('lead to the same domain, links, files and answers as one after the other', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async ({ domain, commands }) => void (await bothWays(domain, commands))),
      { numRuns: 150 },
    );
  });

  it('are one transaction, the implementation of the network with them', async () => {
    const commands = [
      implement(),
      assign('203.0.113.10'),
      assign('203.0.113.11'),
      addStaticNat('203.0.113.11', '10.1.1.7'),
      addForward('tcp 203.0.113.10:80', '10.1.1.7:80'),
      saveUserData('10.1.1.7'),
    ];
    const { one, other } = await bothWays(new Domain({ kind: 'network', id: '42' }, 'cs-net-42'), commands);
    expect([one.transactions, other.transactions]).toEqual([6, 1]);
  });

  it('are for what is there after those before', () => {
    const { plan, planned } = planTogether(
      [release('203.0.113.10'), addForward('tcp 203.0.113.10:80', '10.1.1.7:80'), deleteForward('tcp 203.0.113.10:80')],
      domainAfter(implement(), assign('203.0.113.10')),
    );
    expect(planned.map((one) => 'plan' in one)).toEqual([true, true, true]);
    // What came and went is no change.
    expect(plan?.changes.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['address 203.0.113.10']);
  });

  it('end where one takes away what another wants', () => {
    const domain = domainAfter(implement(), assign('203.0.113.10'), assign('203.0.113.12'));
    expect(planTogether([release('203.0.113.10'), assign('203.0.113.10')], domain).planned).toHaveLength(1);
    expect(planTogether([assign('203.0.113.11'), release('203.0.113.11')], domain).planned).toHaveLength(1);
  });

  it('leave the default route that the first of them makes', async () => {
    const elsewhere = { publicVlan: 201, publicGateway: '198.51.100.1' } as const;
    const commands = [
      implement(),
      assign('203.0.113.10'),
      assign('198.51.100.7', elsewhere),
      // What has no gateway leaves the route as it is.
      assign('203.0.113.11', { publicGateway: undefined }),
    ];
    const { other } = await bothWays(new Domain({ kind: 'network', id: '42' }, 'cs-net-42'), commands);
    expect([other.transactions, other.world.defaultRoute]).toEqual([1, '198.51.100.1 vpn-201-42']);
  });

  it('do not go beyond the end of the namespace, nor before it', () => {
    const domain = domainAfter(implement(), assign('203.0.113.10'));
    const commands = [
      addForward('tcp 203.0.113.10:80', '10.1.1.7:80'),
      shutdown(),
      addForward('tcp 203.0.113.10:80', '10.1.1.7:80'),
    ];
    expect(planTogether(commands, domain).planned).toHaveLength(1);
    expect(planTogether(commands.slice(1), domain).planned).toHaveLength(1);
    const last = planTogether(commands.slice(2), domainAfter(implement(), shutdown()));
    expect(last.plan).toBeUndefined();
    expect(last.planned).toEqual([{ error: expect.any(CommandError) }]);
  });
});
