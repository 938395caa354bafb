/** The access control list of a tier: ordered, the first rule that fits decides, what no rule names is denied. */

import { formatNetworks, formatTraffic, type Networks, parseNetworks, parseTraffic, type Traffic } from './traffic.js';

export interface AclRule {
  /** Its place in the list; lower is asked first. */
  readonly number: number;
  readonly action: 'allow' | 'deny';
  /** `ingress`: towards the tier's guests; `egress`: from them. */
  readonly direction: 'ingress' | 'egress';
  readonly traffic: Traffic;
  /** The other side: where it comes from (ingress) or goes to (egress). */
  readonly remotes: Networks;
}

/** A complete list. Never changed: another list takes its place. */
export class Acl {
  /** All of it as text, one rule a line: what the state file holds, and what tells two lists apart. */
  readonly text: string;
  /** By number; rules of one number as they came. */
  readonly rules: readonly AclRule[];

  constructor(rules: readonly AclRule[]) {
    this.rules = [...rules].sort((one, other) => one.number - other.number);
    this.text = this.rules.map((rule) => `${formatAclRule(rule)}\n`).join('');
  }
}

function formatAclRule({ number, action, direction, traffic, remotes }: AclRule): string {
  return `${number} ${action} ${direction} ${formatTraffic(traffic)} ${direction === 'ingress' ? 'from' : 'to'} ${formatNetworks(remotes)}`;
}

/** What the text of an {@link Acl} says; undefined when a line is not understood: half a list is none. */
export function parseAcl(text: string): Acl | undefined {
  const rules: AclRule[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const match = /^(-?[0-9]{1,16}) (allow|deny) (ingress|egress) (.+) (?:from|to) (\S+)$/.exec(line);
    const traffic = parseTraffic(match?.[4]?.split(' ') ?? []);
    const remotes = parseNetworks(match?.[5] ?? '');
    if (match === null || traffic === undefined || remotes === undefined) return undefined;
    rules.push({
      number: Number(match[1]),
      action: match[2] === 'allow' ? 'allow' : 'deny',
      direction: match[3] === 'ingress' ? 'ingress' : 'egress',
      traffic,
      remotes,
    });
  }
  return new Acl(rules);
}
