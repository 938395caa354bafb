/** One netlink message to be sent: which, with which flags and body, and what it is about in words. */
export interface Operation {
  /** The codec's message name, e.g. `link.new` (native/codec/message.cpp). */
  readonly message: string;
  /** NLM_F_* flags besides NLM_F_REQUEST (linux/netlink.h). */
  readonly flags: number;
  /** Members named as in the message's attribute table (native/codec). */
  readonly body: object;
  /** The verb, for errors: `add`, `delete`, … */
  readonly verb: Verb;
  /** The object in words, for errors: `address 10.1.1.1/24`. */
  readonly subject: string;
}

export type Verb = 'add' | 'create' | 'replace' | 'change' | 'insert' | 'delete' | 'flush' | 'get' | 'list';

/** NLM_F_* modifiers of linux/netlink.h. */
export const NLM_F_ACK = 0x4;
export const NLM_F_ECHO = 0x8;
export const NLM_F_ROOT = 0x100;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;
