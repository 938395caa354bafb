import { KernelError, UnknownOutcomeError } from './errors.js';
import type { BatchOptions, BatchResult, KernelRefusal, Message, NativeSocket, SystemError } from './native.js';
import type { Operation } from './operation.js';

/** Milliseconds the kernel may take to answer; a commit of 100,000 elements takes well under one second. */
export const defaultTimeout = 30_000;

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'errno' in error && 'syscall' in error;
}

/** What failed in a batch, as errors in the order of the operations; empty when everything was done. */
export function failures(result: BatchResult, operations: readonly Operation[]): KernelError[] {
  return result.errors.map((refusal) => {
    const operation = operations[refusal.operation];
    return new KernelError({
      errno: refusal.errno,
      code: refusal.code,
      verb: operation?.verb ?? 'change',
      subject: operation?.subject ?? `transaction of ${operations.length} operations`,
      index: refusal.operation,
      attribute: refusal.attribute,
      missing: refusal.missing,
      text: refusal.text,
    });
  });
}

/** Sends operations in one go; returns the raw outcome. Throws only when the outcome is unknown or the transport failed. */
export async function send(
  socket: NativeSocket,
  operations: readonly Operation[],
  options: BatchOptions,
): Promise<BatchResult> {
  let result: BatchResult;
  try {
    result = await socket.batch(operations, { timeout: defaultTimeout, ...options });
  } catch (error) {
    if (isSystemError(error) && error.unknownOutcome === true) throw new UnknownOutcomeError(error.message, operations);
    throw error;
  }
  if (result.unknownOutcome) throw new UnknownOutcomeError('the answer was lost', operations);
  return result;
}

/** Sends operations and throws the first failure, with the others in it. */
export async function sendOrThrow(
  socket: NativeSocket,
  operations: readonly Operation[],
  options: BatchOptions,
): Promise<BatchResult> {
  const result = await send(socket, operations, options);
  if (result.errors.length > 0) {
    const [first, ...others] = failures(result, operations);
    // An error is its own details.
    if (first !== undefined) throw new KernelError(first, others);
  }
  return result;
}

/** A dump. A refusal becomes a KernelError. */
export async function dump(socket: NativeSocket, operation: Operation): Promise<readonly Message[]> {
  try {
    return await socket.dump(operation, { timeout: defaultTimeout });
  } catch (error) {
    throw asKernelError(error, operation);
  }
}

/** What the kernel answers when there is no such link, object or route. */
const absent = new Set(['ENODEV', 'ENOENT', 'ESRCH', 'ENETUNREACH', 'EHOSTUNREACH']);

/** Whether an error says that there is nothing of what was asked for. */
export function isAbsent(code: string): boolean {
  return absent.has(code);
}

/** One object; undefined when the kernel has none of that name. */
export async function get(socket: NativeSocket, operation: Operation): Promise<Message | undefined> {
  const result = await socket.get(operation, { timeout: defaultTimeout });
  const [failure] = failures(result, [operation]);
  if (failure === undefined) return result.replies[0];
  if (isAbsent(failure.code)) return undefined;
  throw failure;
}

/** Several objects with one send; undefined in the place of each that the kernel does not have. */
export async function getAll(
  socket: NativeSocket,
  operations: readonly Operation[],
): Promise<readonly (Message | undefined)[]> {
  if (operations.length === 0) return [];
  const result = await send(socket, operations, {});
  // Most of what is asked for is often absent, and an error with its stack takes longer than the answer.
  if (!result.errors.every(({ code }) => isAbsent(code))) {
    throw failures(result, operations).find(({ code }) => !isAbsent(code));
  }
  const found = new Array<Message | undefined>(operations.length).fill(undefined);
  for (const reply of result.replies) found[reply.operation] = reply;
  return found;
}

function asKernelError(error: unknown, operation: Operation): unknown {
  if (!isSystemError(error) || !('text' in error)) return error;
  const refusal = error as SystemError & Partial<KernelRefusal>;
  return new KernelError({
    errno: refusal.errno,
    code: refusal.code,
    verb: operation.verb,
    subject: operation.subject,
    index: 0,
    attribute: refusal.attribute,
    missing: refusal.missing,
    text: refusal.text,
  });
}
