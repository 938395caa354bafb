/** Policy rules as `ip rule show` prints them (iproute2, ip/iprule.c). */

import type { Prefix } from '../kernel/route/route.js';
import type { PolicyRule } from '../kernel/route/rule.js';
import { formatIpProtocol } from '../model/ip-protocol.js';
import { formatPortRange } from '../model/ports.js';
import { formatMark } from '../model/rule-grammar.js';

/** One line, without its end. `tableName` gives the name of a table, or its number. */
export function formatPolicyRule(rule: PolicyRule, tableName: (id: number) => string): string {
  const { priority = 0, from, to, mark, markMask, inputLink, outputLink, ipProtocol, table = 0 } = rule;
  const words: (string | number)[] = [];
  if (rule.not === true) words.push('not');
  words.push('from', from === undefined ? 'all' : formatPrefix(from));
  if (to !== undefined) words.push('to', formatPrefix(to));
  if (mark !== undefined || markMask !== undefined) {
    words.push('fwmark', formatMark({ value: mark ?? 0, mask: markMask ?? 0xffffffff }));
  }
  if (inputLink !== undefined) words.push('iif', inputLink);
  if (rule.inputDetached === true) words.push('[detached]');
  if (outputLink !== undefined) words.push('oif', outputLink);
  if (rule.outputDetached === true) words.push('[detached]');
  if (ipProtocol !== undefined) words.push('ipproto', formatIpProtocol(ipProtocol) ?? `ipproto-${ipProtocol}`);
  if (rule.sourcePorts !== undefined) words.push('sport', formatPortRange(rule.sourcePorts));
  if (rule.destinationPorts !== undefined) words.push('dport', formatPortRange(rule.destinationPorts));
  if (table !== 0) words.push('lookup', tableName(table));
  if (rule.action !== undefined && rule.action !== 'table') words.push(rule.action);
  return `${priority}:\t${words.join(' ')}`;
}

function formatPrefix({ address, length }: Prefix): string {
  return length === 32 ? address : `${address}/${length}`;
}
