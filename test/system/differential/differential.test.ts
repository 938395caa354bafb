import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patience } from '../../host/patience.js';
import { aclTable } from './acl.js';
import { combinedTable } from './combined.js';
import { firewallEgressTable } from './firewall-egress.js';
import { firewallIngressTable } from './firewall-ingress.js';
import { natTable } from './nat.js';
import { type Found, Player, title } from './play.js';
import { Stage } from './stage.js';
import { type Expected, outcomesOf, type Scenario } from './vocabulary.js';
import { vpcTable } from './vpc.js';

const tables = [natTable, firewallIngressTable, firewallEgressTable, aclTable, vpcTable, combinedTable];

test('there are at least 120 outcomes', () => {
  const counts = tables.map((table) => `${table.subject}: ${outcomesOf(table).length}`);
  const total = tables.flatMap(outcomesOf).length;
  console.log(`${total} outcomes (${counts.join(', ')})`);
  expect(total).toBeGreaterThanOrEqual(120);
});

describe.each(tables)('$subject', (table) => {
  let stage: Stage;
  let player: Player;

  beforeAll(async () => {
    stage = await Stage.create(table);
    player = new Player(stage);
    await player.perform(table.setUp);
  });
  afterAll(() => stage?.end());

  describe.each(table.scenarios)('$name', (scenario) => {
    let found: ReadonlyMap<Expected, Found>;

    // The whole scenario at once: the outcomes of one moment are looked at side by side.
    beforeAll(async () => {
      found = await player.play(scenario);
    }, patience(60_000));

    for (const { expected, says } of lines(scenario))
      test(`${title(expected)} [${says}]`, () => {
        expect(found.get(expected)?.actual).toBe(found.get(expected)?.expected);
      });
  });
});

function lines(scenario: Scenario): { expected: Expected; says: string }[] {
  return scenario.steps.flatMap((step) =>
    'outcomes' in step ? step.outcomes.map((expected) => ({ expected, says: step.says })) : [],
  );
}
