import { z } from 'zod';
import { GrammarProblem } from '../../model/grammar.js';
import { parseRoute, routeGrammar } from '../../model/route-grammar.js';
import { parseRule, ruleGrammar } from '../../model/rule-grammar.js';
import { parseTableId } from '../../model/table-names.js';
import { ActionParameters } from '../action-parameters.js';
import type { CustomAction, Target } from '../command.js';
import { ContractError } from '../contract-error.js';
import type { ActionRequest, ChangeRoute, ChangeRule, DeleteTable } from '../custom-action.js';
import { quote } from '../quote.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetOf, vpcTargetOf } from '../target.js';
import { identifier } from '../values.js';

/** Part of a file's name, and of the hook's arguments. */
const actionName = z
  .string()
  .regex(
    /^(?!\.)[A-Za-z0-9._-]{1,64}$/,
    'a name of up to 64 letters, digits, ".", "_" and "-" that does not begin with "."',
  );

const schema = z.object({
  network_id: identifier.optional(),
  vpc_id: identifier.optional(),
  action: actionName,
});

type Decoder = (parameters: ActionParameters) => ActionRequest;

const builtIn: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['reboot-device', () => ({ action: 'reboot-device' })],
  ['dump-config', () => ({ action: 'dump-config' })],
  ['list-firewall-rules', () => ({ action: 'list-firewall-rules' })],
  ['pbr-create-table', createTable],
  ['pbr-delete-table', deleteTable],
  ['pbr-list-tables', () => ({ action: 'pbr-list-tables' })],
  ['pbr-add-route', (parameters) => changeRoute('pbr-add-route', parameters)],
  ['pbr-delete-route', (parameters) => changeRoute('pbr-delete-route', parameters)],
  ['pbr-list-routes', (parameters) => ({ action: 'pbr-list-routes', table: parameters.optionalTable() })],
  ['pbr-add-rule', (parameters) => changeRule('pbr-add-rule', parameters)],
  ['pbr-delete-rule', (parameters) => changeRule('pbr-delete-rule', parameters)],
  ['pbr-list-rules', (parameters) => ({ action: 'pbr-list-rules', table: parameters.optionalTable() })],
]);

/** CONTRACT §5.11. An action that is not built in is a hook's, whether there is one is seen on the host. */
export function decodeCustomAction(call: RawCall): CustomAction {
  const { network_id: networkId, vpc_id: vpcId, action } = read(call, schema);
  const target = actionTarget(call, networkId, vpcId);
  const parameters = new ActionParameters(call, action);
  const decoder = builtIn.get(action);
  const request: ActionRequest = decoder?.(parameters) ?? {
    action: 'hook',
    name: action,
    parameters: parametersText(call),
  };
  return { name: 'custom-action', target, request, answer: call.isPayload ? 'json' : 'text' };
}

/** As they were sent; of a payload file, as the same JSON without spaces. */
function parametersText({ fields, nested }: RawCall): string {
  const sent = nested.action_params;
  return sent === undefined ? (fields.action_params ?? '{}') : JSON.stringify(sent.value);
}

/**
 * Where an action acts. Generation 1 does not say that a network is a tier: its details name the VPC's namespace, and perhaps the VPC.
 * Only here that counts; any other command that has a VPC's namespace without the VPC's id is refused.
 */
function actionTarget(call: RawCall, networkId: string | undefined, given: string | undefined): Target {
  const vpcId = given ?? vpcOfDetails(call);
  if (networkId !== undefined) return targetOf(call, { network_id: networkId, vpc_id: vpcId });
  if (given !== undefined) return vpcTargetOf(call, given);
  throw new ContractError(`${call.command}: ${call.spelling('network_id')} is missing`);
}

function vpcOfDetails({ command, networkDetails, networkDetailsSpelling }: RawCall): string | undefined {
  const { namespace, vpc_id: stated } = networkDetails;
  const isStated = stated !== undefined && stated !== null && stated !== '';
  const refused = (key: string, value: string, expected: string) =>
    new ContractError(`${command}: ${networkDetailsSpelling} "${key}" ${quote(value)}: expected ${expected}`);
  const named = typeof namespace === 'string' ? /^cs-vpc-(.*)$/s.exec(namespace)?.[1] : undefined;
  if (named !== undefined && !identifier.safeParse(named).success) {
    throw refused('namespace', `cs-vpc-${named}`, 'cs-vpc-<id of the VPC>');
  }
  if (!isStated) return named;
  const vpcId = String(stated);
  if (!identifier.safeParse(vpcId).success) throw refused('vpc_id', vpcId, 'the decimal id of a VPC');
  const isOther = named === undefined ? typeof namespace === 'string' && namespace !== '' : named !== vpcId;
  if (isOther) throw refused('vpc_id', vpcId, `the VPC of namespace ${quote(String(namespace))}`);
  return vpcId;
}

function createTable(parameters: ActionParameters): ActionRequest {
  const id = parameters.tableId(parameters.need('tableId'));
  return { action: 'pbr-create-table', table: { id, name: parameters.tableName(parameters.need('tableName')) } };
}

function deleteTable(parameters: ActionParameters): DeleteTable {
  const id = parameters.find('tableId');
  const name = parameters.find('tableName');
  if (id === undefined && name === undefined)
    throw parameters.refuse('parameter "table-id" or "table-name" is missing');
  // The parameter `table` can be either.
  const isNumber = id === undefined && name !== undefined && parseTableId(name) !== undefined;
  const idText = isNumber ? name : id;
  return {
    action: 'pbr-delete-table',
    table: {
      ...(idText === undefined ? {} : { id: parameters.tableId(idText) }),
      ...(name === undefined || isNumber ? {} : { name: parameters.tableName(name) }),
    },
  };
}

function changeRoute(action: ChangeRoute['action'], parameters: ActionParameters): ChangeRoute {
  const tableText = parameters.need('table');
  const routeText = parameters.need('route');
  const route = parseRoute(routeText);
  if (route instanceof GrammarProblem) throw parameters.misspelled('route', route, routeGrammar);
  return { action, table: parameters.table(), route, tableText, routeText };
}

function changeRule(action: ChangeRule['action'], parameters: ActionParameters): ChangeRule {
  const tableText = parameters.need('table');
  const ruleText = parameters.need('rule');
  const rule = parseRule(ruleText);
  if (rule instanceof GrammarProblem) throw parameters.misspelled('rule', rule, ruleGrammar);
  return { action, table: parameters.table(), rule, tableText, ruleText };
}
