import { z } from 'zod';
import type { LoadBalancerRule } from '../../model/load-balancer.js';
import { LoadBalancerProblem, readLoadBalancerRule } from '../../model/load-balancer-text.js';
import type { ApplyLoadBalancerRules } from '../command.js';
import { ContractError } from '../contract-error.js';
import { missing, readJson } from '../nested-value.js';
import { quote } from '../quote.js';
import { type RawCall, refuse } from '../raw-call.js';
import { read } from '../read.js';
import { targetOf, targetToRemoveFields } from '../target.js';

// Rules are also revoked when the network is going, with whatever VLAN it had.
const schema = z.object(targetToRemoveFields);

const ruleList = z.array(z.unknown());

/** CONTRACT §5.10, §6.3. The option is the JSON itself, no base64. One bad rule rejects all, by its id or else its place in the list. */
export function decodeApplyLoadBalancerRules(call: RawCall): ApplyLoadBalancerRules {
  const target = targetOf(call, read(call, schema));
  const value = readJson(call, 'lb_rules');
  if (value === undefined && call.fields.lb_rules === undefined) throw missing(call, call.spelling('lb_rules'));
  const sent = ruleList.safeParse(value);
  if (!sent.success) throw refuse(call, 'lb_rules', 'a JSON list of load balancer rules');
  const rules = new Map<string, LoadBalancerRule>();
  const revoked = new Set<string>();
  for (const [index, value] of sent.data.entries()) {
    const rule = readLoadBalancerRule(value, target.networkId);
    if (rule instanceof LoadBalancerProblem) throw refused(call, rule, index);
    // Of two with one id the last counts.
    rules.delete(rule.id);
    revoked.delete(rule.id);
    if ('isRevoked' in rule) revoked.add(rule.id);
    else rules.set(rule.id, rule);
  }
  return { name: 'apply-lb-rules', target, rules: [...rules.values()], revoked: [...revoked] };
}

function refused(call: RawCall, { id, member, value, expected }: LoadBalancerProblem, index: number): ContractError {
  const found = `${member ?? 'the rule'}${value === undefined ? '' : ` ${quote(value)}`}`;
  return new ContractError(
    `${call.command}: rule ${id ?? index + 1}: ${found}: expected ${expected}; no rule was changed`,
  );
}
