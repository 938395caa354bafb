import { isIPv6 } from 'node:net';
import { NLM_F_CREATE, NLM_F_EXCL, type Operation } from '../operation.js';
import type { Prefix } from './route.js';

/** FIB_RULE_INVERT of linux/fib_rules.h. */
const FIB_RULE_INVERT = 2;

/** FIB_RULE_IIF_DETACHED and FIB_RULE_OIF_DETACHED of linux/fib_rules.h: there is no link of that name. */
const FIB_RULE_IIF_DETACHED = 8;
const FIB_RULE_OIF_DETACHED = 16;

/** An inclusive range of ports. */
export interface Ports {
  readonly first: number;
  readonly last: number;
}

/** A policy rule: which routing table decides about which packets. */
export interface PolicyRule {
  readonly object: 'rule';
  readonly family?: 'inet' | 'inet6';
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly inputLink?: string;
  readonly outputLink?: string;
  readonly mark?: number;
  readonly markMask?: number;
  /** Lower is asked first; the kernel chooses when absent. */
  readonly priority?: number;
  readonly table?: number;
  readonly action?: 'table' | 'blackhole' | 'unreachable' | 'prohibit';
  /** IP protocol number. */
  readonly ipProtocol?: number;
  readonly sourcePorts?: Ports;
  readonly destinationPorts?: Ports;
  /** Matches what the rule would not match. */
  readonly not?: boolean;
  /** Reported only: there is no input link of that name. */
  readonly inputDetached?: boolean;
  /** Reported only: there is no output link of that name. */
  readonly outputDetached?: boolean;
}

function familyOf(rule: PolicyRule): 'inet' | 'inet6' {
  const sample = rule.from ?? rule.to;
  return rule.family ?? (sample !== undefined && isIPv6(sample.address) ? 'inet6' : 'inet');
}

function words(rule: PolicyRule): string {
  const parts = ['policy rule'];
  if (rule.priority !== undefined) parts.push(`${rule.priority}:`);
  if (rule.from !== undefined) parts.push(`from ${rule.from.address}/${rule.from.length}`);
  if (rule.to !== undefined) parts.push(`to ${rule.to.address}/${rule.to.length}`);
  if (rule.table !== undefined) parts.push(`lookup ${rule.table}`);
  return parts.join(' ');
}

function message(
  name: 'rule.new' | 'rule.delete',
  flags: number,
  verb: Operation['verb'],
  rule: PolicyRule,
): Operation {
  const table = rule.table ?? 0;
  return {
    message: name,
    flags,
    body: {
      family: familyOf(rule),
      destinationPrefix: rule.to?.length,
      sourcePrefix: rule.from?.length,
      headerTable: table < 256 ? table : 0,
      action: rule.action ?? 'table',
      flags: rule.not === true ? FIB_RULE_INVERT : 0,
      destination: rule.to?.address,
      source: rule.from?.address,
      inputLink: rule.inputLink,
      outputLink: rule.outputLink,
      priority: rule.priority,
      mark: rule.mark,
      markMask: rule.markMask,
      table: rule.table,
      ipProtocol: rule.ipProtocol,
      sourcePorts: rule.sourcePorts,
      destinationPorts: rule.destinationPorts,
    },
    verb,
    subject: words(rule),
  };
}

/** RTM_NEWRULE; an equal rule is an error (EEXIST). */
export function addRule(rule: PolicyRule): Operation {
  return message('rule.new', NLM_F_CREATE | NLM_F_EXCL, 'add', rule);
}

/** RTM_DELRULE of the first rule that matches. */
export function deleteRule(rule: PolicyRule): Operation {
  return message('rule.delete', 0, 'delete', rule);
}

/** RTM_GETRULE. */
export function listRules(family: 'inet' | 'inet6'): Operation {
  return { message: 'rule.get', flags: 0, body: { family }, verb: 'list', subject: 'policy rules' };
}

interface DecodedRule {
  family: 'inet' | 'inet6';
  destinationPrefix: number;
  sourcePrefix: number;
  headerTable: number;
  action: 'table' | 'blackhole' | 'unreachable' | 'prohibit';
  flags: number;
  destination?: string;
  source?: string;
  inputLink?: string;
  outputLink?: string;
  priority?: number;
  mark?: number;
  markMask?: number;
  table?: number;
  ipProtocol?: number;
  sourcePorts?: Ports;
  destinationPorts?: Ports;
}

/** A decoded RTM_NEWRULE as a PolicyRule. The kernel leaves out priority 0. */
export function decodeRule(decoded: object): PolicyRule {
  const rule = decoded as DecodedRule;
  return {
    object: 'rule',
    family: rule.family,
    priority: rule.priority ?? 0,
    table: rule.table ?? rule.headerTable,
    action: rule.action,
    not: (rule.flags & FIB_RULE_INVERT) !== 0,
    ...(rule.source === undefined ? {} : { from: { address: rule.source, length: rule.sourcePrefix } }),
    ...(rule.destination === undefined ? {} : { to: { address: rule.destination, length: rule.destinationPrefix } }),
    ...(rule.inputLink === undefined ? {} : { inputLink: rule.inputLink }),
    ...(rule.outputLink === undefined ? {} : { outputLink: rule.outputLink }),
    ...(rule.mark === undefined ? {} : { mark: rule.mark }),
    ...(rule.markMask === undefined ? {} : { markMask: rule.markMask }),
    ...(rule.ipProtocol === undefined ? {} : { ipProtocol: rule.ipProtocol }),
    ...(rule.sourcePorts === undefined ? {} : { sourcePorts: rule.sourcePorts }),
    ...(rule.destinationPorts === undefined ? {} : { destinationPorts: rule.destinationPorts }),
    ...((rule.flags & FIB_RULE_IIF_DETACHED) === 0 ? {} : { inputDetached: true }),
    ...((rule.flags & FIB_RULE_OIF_DETACHED) === 0 ? {} : { outputDetached: true }),
  };
}
