import { z } from 'zod';
import { Acl, type AclRule } from '../../model/acl.js';
import type { ApplyNetworkAcl } from '../command.js';
import { ContractError } from '../contract-error.js';
import { integer, listedObject, text } from '../listed-object.js';
import { readNestedValue } from '../nested-value.js';
import { quote } from '../quote.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { issueWords, networksFrom, RuleError, ruleFields, trafficOf } from '../rule-fields.js';
import { targetOf, targetToRemoveFields } from '../target.js';

// A list also comes when the tier is going, with whatever VLAN it had.
const schema = z.object(targetToRemoveFields);

const rule = listedObject({ number: integer, action: text, trafficType: text, ...ruleFields });

/** CONTRACT §5.9, §6.2. One bad rule rejects the whole list, by its number or else its place in the list. */
export function decodeApplyNetworkAcl(call: RawCall): ApplyNetworkAcl {
  const target = targetOf(call, read(call, schema));
  const { value: sent } = readNestedValue(call, 'acl_rules');
  if (!Array.isArray(sent)) {
    throw new ContractError(`${call.command}: ${call.spelling('acl_rules')}: expected a list of rules`);
  }
  const rules = (sent as readonly unknown[]).map((value, index) => {
    try {
      return ruleOf(value);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      const number = (value as { number?: unknown } | null)?.number;
      const name = typeof number === 'number' ? number : index + 1;
      throw new ContractError(`${call.command}: rule ${name}: ${error.message}; no rule was changed`);
    }
  });
  return { name: 'apply-network-acl', target, acl: new Acl(rules) };
}

/** @throws RuleError */
function ruleOf(value: unknown): AclRule {
  const result = rule.safeParse(value);
  if (!result.success) throw new RuleError(issueWords(result.error));
  const { number, sourceCidrs, ...sent } = result.data;
  const action = sent.action.toLowerCase();
  const direction = sent.trafficType.toLowerCase();
  if (action !== 'allow' && action !== 'deny') {
    throw new RuleError(`action ${quote(sent.action)}: expected allow or deny`);
  }
  if (direction !== 'ingress' && direction !== 'egress') {
    throw new RuleError(`trafficType ${quote(sent.trafficType)}: expected ingress or egress`);
  }
  // Of an egress rule, too: there they are the destinations.
  return { number, action, direction, traffic: trafficOf(sent), remotes: networksFrom('sourceCidrs', sourceCidrs) };
}
