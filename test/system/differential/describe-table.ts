import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patience } from '../../host/patience.js';
import { type Found, Player, title } from './play.js';
import { Stage } from './stage.js';
import type { Expected, Scenario, Table } from './vocabulary.js';

/** One test per outcome of a table. Each table has a test file of its own, so that they run side by side. */
export function describeTable(table: Table): void {
  describe(table.subject, () => {
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
}

function lines(scenario: Scenario): { expected: Expected; says: string }[] {
  return scenario.steps.flatMap((step) =>
    'outcomes' in step ? step.outcomes.map((expected) => ({ expected, says: step.says })) : [],
  );
}
