import { getSystemErrorMap } from 'node:util';
import type { Operation, Verb } from './operation.js';

/** What a KernelError is made of; see its fields. */
export interface KernelErrorDetails {
  readonly errno: number;
  /** Symbolic name of `errno`, e.g. `EEXIST`. */
  readonly code: string;
  readonly verb: Verb;
  readonly subject: string;
  readonly index: number;
  readonly attribute?: string | undefined;
  readonly missing?: string | undefined;
  readonly text?: string | undefined;
}

const systemErrors = getSystemErrorMap();

/**
 * The kernel refused an operation. The message is one line: what was done, to which object, the errno, the kernel's own words
 * (extended acknowledgement, NLMSGERR_ATTR_MSG) and the attribute they are about.
 */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  /** Symbolic errno: `EEXIST`, `ENOENT`, … */
  readonly code: string;
  /** Positive errno. */
  readonly errno: number;
  /** What was being done. */
  readonly verb: Verb;
  /** The object it was done to, in words. */
  readonly subject: string;
  /** Which of the transaction's operations it was, counted from 0; −1 for the transaction as a whole. */
  readonly index: number;
  /** Dotted path of the attribute the kernel pointed at; empty when it pointed at none. */
  readonly attribute: string;
  /** Dotted path of an attribute that the kernel missed; empty when it missed none. */
  readonly missing: string;
  /** The kernel's explanation; empty when it gave none. */
  readonly text: string;
  /** Further errors of the same transaction. */
  readonly others: readonly KernelError[];

  constructor(details: KernelErrorDetails, others: readonly KernelError[] = []) {
    const { code } = details;
    const words = systemErrors.get(-details.errno)?.[1] ?? `error ${details.errno}`;
    const where = details.attribute
      ? ` [attribute ${details.attribute}]`
      : details.missing
        ? ` [missing attribute ${details.missing}]`
        : '';
    const text = details.text ? `: ${details.text}` : '';
    super(`${details.verb} ${details.subject}: ${words} (${code})${text}${where}`);
    this.code = code;
    this.errno = details.errno;
    this.verb = details.verb;
    this.subject = details.subject;
    this.index = details.index;
    this.attribute = details.attribute ?? '';
    this.missing = details.missing ?? '';
    this.text = details.text ?? '';
    this.others = others;
  }
}

/** The kernel's answer was lost (ENOBUFS, a deadline): the operations may or may not have happened. Read back before repeating. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';

  constructor(
    reason: string,
    /** The operations whose outcome is unknown. */
    readonly operations: readonly Operation[],
  ) {
    const first = operations[0];
    super(`outcome unknown of ${operations.length} operations, first ${first?.verb} ${first?.subject}: ${reason}`);
  }
}
