/** Instructions that do something besides deciding. */

import { type ObjectKind, objectNumbers } from '../named-object.js';
import { type Rate, rateBody } from '../rate.js';
import type { Expression } from './instruction.js';

/** Counts packets and bytes. */
export const counter = (start: { readonly packets?: number; readonly bytes?: number } = {}): Expression => ({
  name: 'counter',
  data: { bytes: start.bytes ?? 0, packets: start.packets ?? 0 },
});

/** Stops the rule for what exceeds a rate; with `over`, for what keeps to it. */
export const limit = (rate: Rate): Expression => ({ name: 'limit', data: rateBody(rate) });

/** LOG_* of syslog.h, and NFT_LOGLEVEL_AUDIT. */
const logLevels = { emerg: 0, alert: 1, crit: 2, err: 3, warn: 4, notice: 5, info: 6, debug: 7, audit: 8 } as const;

/** NF_LOG_* of linux/netfilter/nf_log.h. */
const logFlags = { 'tcp sequence': 1, 'tcp options': 2, 'ip options': 4, skuid: 8, ether: 32 } as const;

/** Where and what to log: to the kernel log at a level, or to the programs that listen to a group of NFLOG. */
export interface LogOptions {
  /** At most 127 bytes. */
  readonly prefix?: string;
  readonly level?: keyof typeof logLevels;
  readonly flags?: readonly (keyof typeof logFlags)[];
  readonly group?: number;
  /** Bytes of each packet that a group gets. */
  readonly snapLength?: number;
  /** Packets collected before a group gets them. */
  readonly queueThreshold?: number;
}

/** Writes to the log. */
export const log = ({ level, flags, ...others }: LogOptions = {}): Expression => ({
  name: 'log',
  data: {
    ...others,
    level: level === undefined ? undefined : logLevels[level],
    flags: flags?.reduce((bits, flag) => bits | logFlags[flag], 0),
  },
});

/** Codes of `icmpx`, which becomes the code of ICMP or ICMPv6 that means the same (NFT_REJECT_ICMPX_*). */
export const icmpxCode = { noRoute: 0, portUnreachable: 1, hostUnreachable: 2, adminProhibited: 3 } as const;

/**
 * Drops the packet and answers it: with an ICMP error (`icmp`: the family's own, its code of type 3 in RFC 792 or of type 1 in
 * RFC 4443), with one for both families (`icmpx`, see `icmpxCode`), or with a TCP reset.
 */
export const reject = (type: 'icmp' | 'tcp reset' | 'icmpx', code = 0): Expression => ({
  name: 'reject',
  data: { type, code },
});

/** Keeps the packet out of connection tracking. Only in chains before it: priority `raw`. */
export const notrack = (): Expression => ({ name: 'notrack' });

/** Uses a named object. */
export const objectReference = (kind: ObjectKind, object: string): Expression => ({
  name: 'objref',
  data: { type: objectNumbers[kind], object },
});

/** Uses the named object that a map leads to from a register. */
export const objectLookup = (set: string, source = 1): Expression => ({ name: 'objref', data: { source, set } });
