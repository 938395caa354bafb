import { ContractError } from './contract-error.js';
import { type Field, secretFields } from './field.js';
import { quote } from './quote.js';

/** A value with a structure of its own. */
export interface NestedValue {
  readonly value: unknown;
  /** How texts inside it that guests are told are written (CONTRACT §9.2). */
  readonly contents: 'base64' | 'plain';
}

/** A details object: whatever JSON the operator's and the caller's keys hold. */
export type Details = Readonly<Record<string, unknown>>;

/**
 * A call as raw text, whichever way it came (options, or a payload file): the one input of all command decoders. An empty value is no
 * value: such a field is absent.
 */
export interface RawCall {
  /** The command as the caller spelled it, for messages. */
  readonly command: string;
  readonly fields: Readonly<Partial<Record<Field, string>>>;
  /** Values that came as JSON of their own; a payload file has them, options never. */
  readonly nested: Readonly<Partial<Record<Field, NestedValue>>>;
  /** How user data is written: as base64, unless it cannot be that, or as it is. */
  readonly contents: NestedValue['contents'];
  /** Whether it came as a payload file (generation 2). */
  readonly isPayload: boolean;
  readonly physicalDetails: Details;
  readonly networkDetails: Details;
  /** The command is only to be shown, not carried out. */
  readonly isDryRun: boolean;
  /** Milliseconds after which the caller wants an answer, whatever it is; undefined: it waits. */
  readonly timeout: number | undefined;
  /** The caller's working directory; relative file names start here. */
  readonly directory: string;
  /** How the caller spells a field (`--public-port`, `public_port`), for messages. */
  readonly spelling: (field: string) => string;
  /** How the caller spells the two details objects, for messages. */
  readonly physicalDetailsSpelling: string;
  readonly networkDetailsSpelling: string;
  /** Lines for the log about what was tolerated; decoders append. */
  readonly warnings: string[];
}

/** The error for a field that is there but is not what it should be. */
export function refuse(call: RawCall, field: string, expected: string): ContractError {
  const value = call.fields[field as Field];
  const shown = value === undefined || secretFields.has(field) ? '' : ` ${quote(value)}`;
  return new ContractError(`${call.command}: ${call.spelling(field)}${shown}: expected ${expected}`);
}
