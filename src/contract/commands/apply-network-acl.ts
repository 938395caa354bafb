import { z } from 'zod';
import { Acl, type AclRule } from '../../model/acl.js';
import type { Rows } from '../../rows/rows.js';
import type { ApplyNetworkAcl } from '../command.js';
import { ContractError } from '../contract-error.js';
import { quote } from '../quote.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { networksAt, RuleError, ruleColumns, trafficAt } from '../rule-fields.js';
import { type SentList, SentRules } from '../sent-rules.js';
import { targetOf, targetToRemoveFields } from '../target.js';

// A list also comes when the tier is going, with whatever VLAN it had.
const schema = z.object(targetToRemoveFields);

const columns = {
  number: { kind: 'integer', isRequired: true },
  action: { kind: 'text', isRequired: true },
  trafficType: { kind: 'text', isRequired: true },
  ...ruleColumns,
} as const;

const list: SentList<typeof columns> = { field: 'acl_rules', member: undefined, columns, nameOf };

/** CONTRACT §5.9, §6.2. One bad rule rejects the whole list, by its number or else its place in the list. */
export function decodeApplyNetworkAcl(call: RawCall): ApplyNetworkAcl {
  const target = targetOf(call, read(call, schema));
  const sent = new SentRules(call, list, (value) => {
    if (Array.isArray(value)) return value as readonly unknown[];
    throw new ContractError(`${call.command}: ${call.spelling('acl_rules')}: expected a list of rules`);
  });
  const rules: AclRule[] = [];
  sent.each((row) => rules.push(ruleAt(sent.rows, row)));
  return { name: 'apply-network-acl', target, acl: new Acl(rules) };
}

function nameOf(rule: unknown, index: number): number {
  const number = (rule as { number?: unknown } | null)?.number;
  return typeof number === 'number' ? number : index + 1;
}

/** @throws RuleError */
function ruleAt(rows: Rows<typeof columns>, row: number): AclRule {
  const { texts } = rows;
  const sentAction = texts[rows.action[row] ?? 0] ?? '';
  const sentDirection = texts[rows.trafficType[row] ?? 0] ?? '';
  const action = sentAction.toLowerCase();
  const direction = sentDirection.toLowerCase();
  if (action !== 'allow' && action !== 'deny') {
    throw new RuleError(`action ${quote(sentAction)}: expected allow or deny`);
  }
  if (direction !== 'ingress' && direction !== 'egress') {
    throw new RuleError(`trafficType ${quote(sentDirection)}: expected ingress or egress`);
  }
  // Of an egress rule, too: there they are the destinations.
  return {
    number: rows.number[row] ?? 0,
    action,
    direction,
    traffic: trafficAt(rows, row),
    remotes: networksAt(rows, row),
  };
}
