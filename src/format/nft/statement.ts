/** Instructions that do something besides deciding and need no register (nft(8), STATEMENTS). */

import type { Expression } from '../../kernel/nft/expression.js';
import { objectNumbers } from '../../kernel/nft/named-object.js';
import { decodeRate } from '../../kernel/nft/rate.js';
import type { Family } from '../../kernel/nft/table.js';
import { quoted } from './data-type.js';
import { icmpCodes, icmpv6Codes, icmpxCodes } from './names.js';
import { bracketed } from './operand.js';
import { rateText } from './rate.js';
import type { FormatOptions } from './style.js';

/** Names of the levels of syslog.h, and NFT_LOGLEVEL_AUDIT. */
const logLevels = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'];
const defaultLevel = 4;

/** NF_LOG_* of linux/netfilter/nf_log.h. */
const allLogFlags = 1 | 2 | 4 | 8 | 32;

function logFlags(flags: number): string {
  if ((flags & allLogFlags) === allLogFlags) return ' flags all';
  const tcp = [...((flags & 1) === 0 ? [] : ['sequence']), ...((flags & 2) === 0 ? [] : ['options'])];
  return [
    tcp.length === 0 ? '' : ` flags tcp ${tcp.join(',')}`,
    (flags & 4) === 0 ? '' : ' flags ip options',
    (flags & 8) === 0 ? '' : ' flags skuid',
    (flags & 32) === 0 ? '' : ' flags ether',
  ].join('');
}

/** `log prefix "x" level debug`, `log group 2 snaplen 80`. */
export function logText({ data }: Expression): string {
  const { prefix, group, snapLength, queueThreshold, level, flags } = (data ?? {}) as {
    prefix?: string;
    group?: number;
    snapLength?: number;
    queueThreshold?: number;
    level?: number;
    flags?: number;
  };
  let text = 'log';
  if (prefix !== undefined) text += ` prefix ${quoted(prefix)}`;
  if (group !== undefined) text += ` group ${group}`;
  if (snapLength !== undefined && snapLength !== 0) text += ` snaplen ${snapLength}`;
  if (queueThreshold !== undefined && queueThreshold !== 0) text += ` queue-threshold ${queueThreshold}`;
  if (level !== undefined && level !== defaultLevel) text += ` level ${logLevels[level] ?? level}`;
  return text + logFlags(flags ?? 0);
}

/** `counter packets 0 bytes 0`. */
export function counterText({ data }: Expression): string {
  const { packets = 0, bytes = 0 } = (data ?? {}) as { packets?: number; bytes?: number };
  return `counter packets ${packets} bytes ${bytes}`;
}

/** `limit rate 10/second`. */
export function limitText(expression: Expression): string {
  return expression.data === undefined ? bracketed(expression) : `limit ${rateText(decodeRate(expression.data))}`;
}

/** `counter name "hits"`; undefined for an object of a kind that has no name here, or that is looked up. */
export function objectReferenceText({ data }: Expression): string | undefined {
  const { type, object } = (data ?? {}) as { type?: number; object?: string };
  const kind = Object.entries(objectNumbers).find(([, number]) => number === type)?.[0];
  return kind === undefined || object === undefined ? undefined : `${kind} name ${quoted(object)}`;
}

/**
 * `reject with icmp 10`. The answer nft sends without being told is left out: port unreachable.
 *
 * @param network the protocol the rule has found out, in families of several
 */
export function rejectText(
  expression: Expression,
  family: Family,
  network: 'ip' | 'ip6' | undefined,
  options: FormatOptions,
): string {
  const { type, code = 0 } = (expression.data ?? {}) as { type?: string; code?: number };
  const word = (names: Readonly<Record<number, string>>) => (options.names === true ? names[code] : undefined) ?? code;
  switch (type) {
    case 'tcp reset':
      return 'reject with tcp reset';
    case 'icmpx':
      return code === 1 ? 'reject' : `reject with icmpx ${word(icmpxCodes)}`;
    case 'icmp': {
      if (family === 'ip6' && code === 4) return 'reject';
      if (family === 'ip6' || (family !== 'ip' && network === 'ip6')) {
        return `reject with icmpv6 ${word(icmpv6Codes)}`;
      }
      return family === 'ip' && code === 3 ? 'reject' : `reject with icmp ${word(icmpCodes)}`;
    }
    default:
      return bracketed(expression);
  }
}
