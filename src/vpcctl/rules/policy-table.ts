/** The rules in a subnet's own namespace: its security group, from the same rule compiler as the ACLs of CloudStack's tiers. */

import { type AclRun, aclRuns } from '../../dataplane/list-groups.js';
import { matchRules } from '../../dataplane/match-rules.js';
import { type Chain, priorities } from '../../kernel/nft/chain.js';
import {
  accept,
  connectionHas,
  connectionState,
  counter,
  drop,
  type Expression,
  interfaceIs,
  verdict,
} from '../../kernel/nft/expression.js';
import type { Table } from '../../kernel/nft/table.js';
import type { NetfilterTransaction } from '../../kernel/nft/transaction.js';
import { aclOf, type Policy } from '../model/policy.js';

export const policyTable: Table = { object: 'table', family: 'ip', name: 'vpcctl' };

const base = (hook: 'input' | 'output') =>
  ({ type: 'filter', hook, priority: priorities.filter, policy: 'accept' }) as const;
const ingress: Chain = { object: 'chain', table: policyTable, name: 'ingress', base: base('input') };
const egress: Chain = { object: 'chain', table: policyTable, name: 'egress', base: base('output') };

/** Makes the table anew; nothing of it is left without a policy. */
export function addPolicyTable(transaction: NetfilterTransaction, policy: Policy | undefined): void {
  transaction.destroy(policyTable);
  if (policy === undefined) return;
  transaction.add(policyTable).add(ingress).add(egress);
  const add = (chain: Chain, ...expressions: Expression[]) => transaction.add({ object: 'rule', chain, expressions });
  const runs = aclRuns(aclOf(policy), 'ip');

  add(ingress, ...interfaceIs('iifname', 'lo'), verdict(accept));
  add(ingress, ...connectionHas('state', connectionState.established | connectionState.related), verdict(accept));
  addRuns(transaction, ingress, runs.ingress);
  add(ingress, counter(), verdict(drop));

  add(egress, ...interfaceIs('oifname', 'lo'), verdict(accept));
  addRuns(transaction, egress, runs.egress);
}

function addRuns(transaction: NetfilterTransaction, chain: Chain, runs: readonly AclRun[]): void {
  for (const [index, { allows, groups }] of runs.entries()) {
    const { rules, sets } = matchRules('ip', chain, `${chain.name}_${index + 1}`, groups, allows ? accept : drop);
    for (const { set, elements } of sets) transaction.add(set).addElements(set, elements);
    for (const rule of rules) transaction.add(rule);
  }
}
