/** Changes of the model as edits of the files that haproxy reads, and of those that keep its rules. */

import { type Change, entriesAfter, entryAfter } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { loadBalancersOf } from '../model/load-balancer.js';
import { formatLoadBalancerRule } from '../model/load-balancer-text.js';
import type { FileEdit } from './file-edit.js';
import { formatHaproxyConfiguration } from './haproxy-configuration.js';
import { haproxyConfiguration, haproxyDirectory, haproxyPlaces, ruleFile } from './haproxy-places.js';
import { accountOf } from './service-account.js';

/**
 * The edits of the networks that `changes` touch; the domain may be as it was before or as it is after them.
 *
 * @param root the state root, which the configuration names
 */
export function haproxyEdits(domain: Domain, changes: readonly Change[], root: string): FileEdit[] {
  const touched = new Set<string>();
  const edits: FileEdit[] = [];
  for (const edit of changes) {
    if (edit.kind === 'network' && edit.after?.active === false) touched.add(edit.key);
    if (edit.kind !== 'loadBalancer') continue;
    for (const rule of [edit.before, edit.after]) if (rule !== undefined) touched.add(rule.networkId);
  }
  const rules = entriesAfter(domain, 'loadBalancer', changes);
  for (const networkId of touched) {
    // A network that ends takes its directory with it.
    if (entryAfter(domain, 'network', networkId, changes) === undefined) continue;
    const own = loadBalancersOf(rules.values(), networkId);
    if (own.length === 0) {
      edits.push({ path: haproxyDirectory(networkId), removeTree: true });
      continue;
    }
    const text = formatHaproxyConfiguration(own, haproxyPlaces(root, networkId), accountOf('haproxy'));
    edits.push({ path: haproxyConfiguration(networkId), content: text });
    for (const edit of changes) {
      if (edit.kind !== 'loadBalancer') continue;
      const { key, before, after } = edit;
      if (after?.networkId === networkId) {
        edits.push({ path: ruleFile(networkId, key), content: formatLoadBalancerRule(after) });
      } else if (before?.networkId === networkId) edits.push(removeRule(networkId, key));
    }
  }
  return edits;
}

/** The file of a rule that is in force nowhere, but could come back to life with its address. */
export function removeRule(networkId: string, ruleId: string): FileEdit {
  return { path: ruleFile(networkId, ruleId), remove: true };
}
