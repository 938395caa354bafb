/** Carries out custom actions in a namespace that is there. */

import type { PlannedAction } from '../commands/plan.js';
import { applyChange, change, revertChanges } from '../model/change.js';
import type { PolicyRouting } from '../model/policy-routing.js';
import { withoutTable, withTable } from '../model/table-names.js';
import { changeEdits } from '../state/change-edits.js';
import { type ActionAnswer, listed, ruleset, tableEntry, told } from './answer.js';
import { bounce } from './bounce.js';
import type { Step } from './converge.js';
import { describe, tableTexts } from './describe.js';
import type { Place } from './execute.js';
import { listRouting, planRoute, planRule, storedRouting } from './policy-routing.js';
import type { Session } from './session.js';
import { TableNamesFile } from './table-names.js';
import type { UndoStack } from './undo.js';

/** What an action is carried out with. */
export interface Acting {
  readonly place: Place;
  readonly session: Session;
  readonly undo: UndoStack;
  /** Sends steps and remembers how to take them back. */
  readonly perform: (steps: readonly Step[]) => Promise<unknown>;
}

/**
 * Carries out an action; when it fails, what it did is on the undo stack.
 *
 * @returns what it answers
 * @throws CommandError, KernelError with the kernel's own words
 */
export async function act(action: PlannedAction, acting: Acting): Promise<ActionAnswer> {
  const { place, session, undo } = acting;
  const tables = new TableNamesFile(session.namespace);
  switch (action.action) {
    case 'pbr-create-table': {
      const { id, name } = action.table;
      const text = withTable(await tables.read(), action.table);
      if (text !== undefined) undo.push(await tables.write(text));
      return told(`pbr-create-table: ${text === undefined ? 'exists' : 'OK'} ${id} ${name}`);
    }
    case 'pbr-delete-table': {
      const { id, name } = action.table;
      undo.push(await tables.write(withoutTable(await tables.read(), action.table)));
      return told(`pbr-delete-table: OK id=${id ?? 'n/a'} name=${name ?? 'n/a'}`);
    }
    case 'pbr-list-tables':
      return listed(await tables.lines(), tableEntry);
    case 'pbr-add-route':
    case 'pbr-delete-route':
      await keep(await planRoute(action, await tables.names(), storedRouting(place.domain), session), acting);
      return told(`${action.action}: OK table=${action.tableText} route=${action.routeText}`);
    case 'pbr-add-rule':
    case 'pbr-delete-rule':
      await keep(await planRule(action, await tables.names(), storedRouting(place.domain), session), acting);
      return told(`${action.action}: OK table=${action.tableText} rule=${action.ruleText}`);
    case 'pbr-list-routes':
      return listed(await listRouting(action, await tables.names(), session), (route) => ({ route }));
    case 'pbr-list-rules':
      return listed(await listRouting(action, await tables.names(), session), (rule) => ({ rule }));
    case 'reboot-device':
      await bounce(action.hostEnd, place.host, acting.perform);
      return { text: `reboot-device: OK (namespace=${session.namespace})\n`, message: undefined };
    case 'dump-config':
      await place.state.settle(place.domain.id);
      return { text: await describe(place), message: undefined };
    case 'list-firewall-rules':
      return ruleset(await tableTexts(session));
  }
}

/** First the kernel, which may refuse it; then what is to come back after the host's next start. */
async function keep(
  { steps, routing }: { readonly steps: readonly Step[]; readonly routing: PolicyRouting },
  { place, undo, perform }: Acting,
): Promise<void> {
  const { domain, state } = place;
  await perform(steps);
  const changes = change(domain, 'policyRouting', domain.id.id, routing.text === '' ? undefined : routing);
  for (const edit of changes) applyChange(domain, edit);
  undo.push(async () => {
    revertChanges(domain, changes);
  });
  const commit = await state.commit(domain.id, changeEdits(domain, changes));
  undo.push(() => commit.undo());
}
