import { z } from 'zod';
import { isAddress } from '../../model/address.js';
import { type EgressRule, Firewall, type IngressRule } from '../../model/firewall.js';
import type { ApplyFirewallRules } from '../command.js';
import { ContractError } from '../contract-error.js';
import { listedObject, nameOrNone, text, textOrNone, textsOrNone } from '../listed-object.js';
import { readNestedValue } from '../nested-value.js';
import { quote } from '../quote.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { issueWords, networksFrom, RuleError, ruleFields, trafficOf } from '../rule-fields.js';
import { targetOf, targetToRemoveFields } from '../target.js';

// A set of rules also comes when the network is going, with whatever VLAN it had.
const schema = z.object(targetToRemoveFields);

const ruleSet = z.object({
  default_egress_allow: z.union([z.boolean(), z.stringbool()]).default(false),
  // Each is looked at by itself.
  rules: z.custom<readonly unknown[]>(Array.isArray, 'expected a list').default([]),
});

const rule = listedObject({
  id: nameOrNone,
  type: text,
  publicIp: textOrNone,
  destCidrs: textsOrNone,
  ...ruleFields,
});

/** CONTRACT §5.8, §6.1. One bad rule rejects the whole set, by the rule's id or else its place in the list. */
export function decodeApplyFirewallRules(call: RawCall): ApplyFirewallRules {
  const target = targetOf(call, read(call, schema));
  const sent = ruleSet.safeParse(readNestedValue(call, 'fw_rules').value);
  if (!sent.success)
    throw new ContractError(`${call.command}: ${call.spelling('fw_rules')}: ${issueWords(sent.error)}`);
  const ingress: IngressRule[] = [];
  const egress: EgressRule[] = [];
  for (const [index, value] of sent.data.rules.entries()) {
    try {
      addRule(value, ingress, egress);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      throw new ContractError(`${call.command}: rule ${nameOf(value, index)}: ${error.message}; no rule was changed`);
    }
  }
  return { name: 'apply-fw-rules', target, firewall: new Firewall(sent.data.default_egress_allow, ingress, egress) };
}

/** A rule's id as it is shown in a message, else its place. */
function nameOf(value: unknown, index: number): string {
  const id = (value as { id?: unknown } | null)?.id;
  if (typeof id === 'number') return String(id);
  if (typeof id !== 'string' || id === '') return String(index + 1);
  return /^[A-Za-z0-9-]{1,64}$/.test(id) ? id : quote(id);
}

/** @throws RuleError */
function addRule(value: unknown, ingress: IngressRule[], egress: EgressRule[]): void {
  const result = rule.safeParse(value);
  if (!result.success) throw new RuleError(issueWords(result.error));
  const { type, publicIp, sourceCidrs, destCidrs } = result.data;
  const traffic = trafficOf(result.data);
  const sources = networksFrom('sourceCidrs', sourceCidrs);
  switch (type.toLowerCase()) {
    case 'ingress':
      if (publicIp === null || publicIp === undefined || !isAddress(publicIp)) {
        throw new RuleError(`publicIp ${quote(publicIp ?? '')}: expected an IPv4 address`);
      }
      ingress.push({ publicIp, traffic, sources });
      return;
    case 'egress':
      egress.push({ traffic, sources, destinations: networksFrom('destCidrs', destCidrs) });
      return;
    default:
      throw new RuleError(`type ${quote(type)}: expected ingress or egress`);
  }
}
