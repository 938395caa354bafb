import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandError } from '../../../src/commands/command-error.js';
import { planCommand } from '../../../src/commands/index.js';
import type { Plan } from '../../../src/commands/plan.js';
import type { Command } from '../../../src/contract/command.js';
import { applyChange, change } from '../../../src/model/change.js';
import type { Domain } from '../../../src/model/domain.js';
import { allEdits } from '../../../src/state/all-edits.js';
import { loadDomain } from '../../../src/state/load-domain.js';
import { readDomainFiles } from '../../../src/state/read-domain.js';
import { commit } from '../state/file-work.js';
import { anyHistory } from './arbitraries.js';
import { carryOut, contents } from './builders.js';

/** Carries a command out unless it is refused. */
function attempt(domain: Domain, command: Command): Plan | CommandError {
  const before = JSON.stringify(contents(domain));
  try {
    return carryOut(domain, command);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    expect(JSON.stringify(contents(domain))).toBe(before);
    return error;
  }
}

describe('any history of commands', { timeout: 60_000 }, () => {
  it('is planned without touching the domain, and refused in one line that begins with the command', () => {
    fc.assert(
      fc.property(anyHistory, ({ domain, commands }) => {
        for (const command of commands) {
          const before = JSON.stringify(contents(domain));
          try {
            planCommand(command, domain);
          } catch (error) {
            if (!(error instanceof CommandError)) throw error;
            expect(error.message).toMatch(new RegExp(`^${command.name}: [^\\n]+; expected [^\\n]+$`));
          }
          expect(JSON.stringify(contents(domain))).toBe(before);
          attempt(domain, command);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is idempotent: the same command again changes nothing and ends no connection', () => {
    fc.assert(
      fc.property(anyHistory, ({ domain, commands }) => {
        for (const command of commands) {
          const first = attempt(domain, command);
          const again = attempt(domain, command);
          if (first instanceof CommandError) {
            expect(again).toEqual(first);
            continue;
          }
          if (again instanceof CommandError) throw again;
          expect(again.changes).toEqual([]);
          const { removedAddresses, removedHostRoutes } = again.links;
          expect({ removedAddresses, removedHostRoutes }).toEqual({ removedAddresses: [], removedHostRoutes: [] });
          expect(again.endConnections).toEqual([]);
          expect(again.endsRefusedConnections).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('never leaves two networks with one link, or an address on a link of another VLAN', () => {
    fc.assert(
      fc.property(anyHistory, ({ domain, commands }) => {
        for (const command of commands) {
          attempt(domain, command);
          const links = [...domain.network.values()].flatMap(({ active, link }) =>
            active && link !== undefined ? [link] : [],
          );
          expect(new Set(links).size).toBe(links.length);
          for (const { vlan, link } of domain.address.values()) expect(link).toMatch(new RegExp(`^vpn-${vlan}-`));
          expect([...domain.address.values()].filter(({ sourceNat }) => sourceNat).length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is the same domain when it is read back from the state files', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async ({ domain, commands }) => {
        const root = mkdtempSync(join(tmpdir(), 'csn-history-'));
        try {
          for (const command of commands) {
            const plan = attempt(domain, command);
            if (plan instanceof CommandError) continue;
            const edits = allEdits(domain, plan, root);
            await (await commit(root, edits)).settle();
            const files = await readDomainFiles(root, domain.id);
            expect(files.warnings).toEqual([]);
            expect(files.leftovers).toEqual([]);
            const loaded = loadDomain(domain.id, files, domain.namespace);
            // Whether a network is active, and the namespace there, is known by looking into the kernel only.
            loaded.present = domain.present;
            for (const { id, active } of domain.network.values()) {
              const network = loaded.network.get(id);
              if (network === undefined) continue;
              for (const edit of change(loaded, 'network', id, { ...network, active })) applyChange(loaded, edit);
            }
            expect(contents(loaded)).toEqual(contents(domain));
          }
        } finally {
          rmSync(root, { recursive: true });
        }
      }),
      { numRuns: 60 },
    );
  });
});
