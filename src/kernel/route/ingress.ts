/** Programs that see what comes in at links: a queueing discipline binds links to a block, and the block has the filters (linux/pkt_cls.h). */

import { NLM_F_CREATE, NLM_F_EXCL, type Operation } from '../operation.js';

/** TCM_IFINDEX_MAGIC_BLOCK of linux/rtnetlink.h, as the signed number it is sent as. */
const blockInPlaceOfLink = -1;
/** TC_H_CLSACT of linux/pkt_sched.h, as a parent, and the handle that goes with it. */
const classlessParent = 0xfffffff1;
const classlessHandle = 0xffff0000;
/** The first to be asked, about all protocols (ETH_P_ALL, in network order): priority and protocol. */
const firstOfAllProtocols = 0x00010300;
/** TCA_BPF_FLAG_ACT_DIRECT of linux/pkt_cls.h: what the program answers is done. */
const directAction = 1;

/** A filter that is a program. */
export interface ProgramFilter {
  readonly name: string;
  /** The kernel's number of the program. */
  readonly id: number;
}

/** RTM_NEWQDISC: has the filters of a block see what comes in at a link. EEXIST when the link has such a discipline. @param block a number from 1 on */
export function bindIngress(link: number, block: number): Operation {
  return {
    message: 'queueing.new',
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: { index: link, handle: classlessHandle, parent: classlessParent, kind: 'clsact', ingressBlock: block },
    verb: 'add',
    subject: `ingress of link with index ${link}`,
  };
}

/** RTM_NEWTFILTER: makes a program the first filter of a block. EEXIST when it has one. @param descriptor of the program */
export function addProgramFilter(block: number, name: string, descriptor: number): Operation {
  return {
    message: 'filter.new',
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: { ...firstOf(block), handle: 1, kind: 'bpf', options: { descriptor, name, flags: directAction } },
    verb: 'add',
    subject: `filter ${name} of block ${block}`,
  };
}

/** RTM_DELTFILTER: takes the first filters of a block away. EINVAL when there is no such block, ENOENT when it has none. */
export function deleteFirstFilters(block: number): Operation {
  return {
    message: 'filter.delete',
    flags: 0,
    body: firstOf(block),
    verb: 'delete',
    subject: `filters of block ${block}`,
  };
}

/** RTM_GETTFILTER: the filters of a block; none when there is no such block. */
export function listFilters(block: number): Operation {
  return {
    message: 'filter.get',
    flags: 0,
    body: { index: blockInPlaceOfLink, parent: block },
    verb: 'list',
    subject: `filters of block ${block}`,
  };
}

const firstOf = (block: number) => ({ index: blockInPlaceOfLink, parent: block, info: firstOfAllProtocols });

/** A decoded RTM_NEWTFILTER as a filter; undefined for one that is no program. */
export function decodeProgramFilter(decoded: object): ProgramFilter | undefined {
  const { options } = decoded as { options?: { name?: string; id?: number } };
  return options?.id === undefined ? undefined : { name: options.name ?? '', id: options.id };
}
