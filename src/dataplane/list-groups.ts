/**
 * Lists of rules, sorted into groups: what the ruleset is made of, and what tells of a connection whether it is let through. Sorted once
 * for each list, which never changes: ten thousand rules take some milliseconds, and both ask.
 */

import type { Acl, AclRule } from '../model/acl.js';
import type { Firewall } from '../model/firewall.js';
import { aclMatches, egressMatches, ingressMatches } from './match.js';
import { MatchGroup } from './match-group.js';
import type { Family } from './tables.js';

/** A firewall's two lists. */
export interface FirewallGroups {
  readonly ingress: readonly MatchGroup[];
  readonly egress: readonly MatchGroup[];
}

/** Rules of an ACL that stand together and do the same: their order among themselves does not matter. */
export interface AclRun {
  readonly allows: boolean;
  readonly groups: readonly MatchGroup[];
}

/** An ACL's two lists. */
export interface AclRuns {
  readonly ingress: readonly AclRun[];
  readonly egress: readonly AclRun[];
}

const firewalls: Sorted<Firewall, FirewallGroups> = { ip: new WeakMap(), ip6: new WeakMap() };
const acls: Sorted<Acl, AclRuns> = { ip: new WeakMap(), ip6: new WeakMap() };

type Sorted<List extends object, Groups> = Readonly<Record<Family, WeakMap<List, Groups>>>;

export function firewallGroups(firewall: Firewall, family: Family): FirewallGroups {
  let groups = firewalls[family].get(firewall);
  if (groups === undefined) {
    groups = {
      ingress: MatchGroup.group(ingressMatches(firewall.ingress, family), family),
      egress: MatchGroup.group(egressMatches(firewall.egress, family), family),
    };
    firewalls[family].set(firewall, groups);
  }
  return groups;
}

export function aclRuns(acl: Acl, family: Family): AclRuns {
  let runs = acls[family].get(acl);
  if (runs === undefined) {
    runs = { ingress: runsOf(acl.rules, 'ingress', family), egress: runsOf(acl.rules, 'egress', family) };
    acls[family].set(acl, runs);
  }
  return runs;
}

function runsOf(rules: readonly AclRule[], direction: AclRule['direction'], family: Family): AclRun[] {
  const runs: AclRule[][] = [];
  for (const rule of rules) {
    if (rule.direction !== direction) continue;
    const run = runs.at(-1);
    if (run?.[0]?.action === rule.action) run.push(rule);
    else runs.push([rule]);
  }
  return runs.map((run) => ({
    allows: run[0]?.action === 'allow',
    groups: MatchGroup.group(aclMatches(run, family), family),
  }));
}
