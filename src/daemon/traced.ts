import type { Invocation } from '../contract/invocation.js';
import { traceOption } from '../contract/options.js';
import { traceText } from '../trace/trace.js';
import type { CommandResult } from './handler.js';

/** The result with where its time went, if the call asks for that: on stderr, because stdout is CloudStack's. @param whole milliseconds */
export function traced(invocation: Invocation, result: CommandResult, whole: number): CommandResult {
  if (result.trace === undefined || !invocation.arguments.includes(traceOption)) return result;
  return { ...result, stderr: `${result.stderr}${traceText(result.trace, whole)}` };
}
