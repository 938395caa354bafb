import type { EntryCall } from './call.js';
import { type Connection, checkHost, readAccess } from './connection.js';
import { ConfigurationFailure, exitCodes, RemoteFailure } from './failure.js';
import { outputOf, remoteCall } from './remote-call.js';
import type { ProgramResult } from './run-program.js';
import type { Session } from './ssh.js';
import { textOf } from './text-of.js';

/** Milliseconds for which the host's own answer to a timeout is waited for. */
const grace = 2_000;

export type RunOnHost = (connection: Connection, host: string, session: Session) => Promise<ProgramResult>;

export interface ForwardedCall {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly notes: readonly string[];
}

/**
 * The host a call goes to: the one ensure-network-device has chosen; without, the one that is registered, or the first of several.
 *
 * @throws ConfigurationFailure when there is none
 */
export function hostOf(call: EntryCall): { readonly host: string; readonly connection: Connection } {
  const { hosts, connection } = readAccess(call.physicalDetails);
  const host = textOf(call.networkDetails, 'host') || textOf(call.physicalDetails, 'host') || (hosts[0] ?? '');
  if (host === '')
    throw new ConfigurationFailure(
      `${call.command}: no host: expected ensure-network-device to have chosen one, or the detail "hosts"`,
    );
  return { host: checkHost(host), connection };
}

/**
 * Has a command carried out by the program on its host. When it succeeds, what the host's program says on stderr is only for the log, because CloudStack
 * takes all output for the answer; only an action's answer is text of both.
 *
 * @param program path of the host's program
 * @throws ConfigurationFailure, ConnectionFailure, RemoteFailure
 */
export async function forward(call: EntryCall, program: string, runOnHost: RunOnHost): Promise<ForwardedCall> {
  const { host, connection } = hostOf(call);
  const { command, input } = remoteCall(program, call.words, call.files);
  const deadline = call.timeout === undefined ? undefined : call.timeout * 1_000 + grace;
  const isBegun = (stdout: Buffer) => outputOf(stdout) !== undefined;
  const { exit, stdout, stderr } = await runOnHost(connection, host, { command, input, isBegun, deadline });
  const output = outputOf(stdout);
  if (output === undefined) {
    const said = lastLine(stderr) || lastLine(stdout) || `its login shell ended with exit code ${exit}`;
    throw new RemoteFailure(`host ${host} did not start ${program}: ${said}`);
  }
  if (exit !== 0)
    return { exitCode: exitCodes.remote, stdout: output, stderr, notes: [`exit code ${exit} on ${host}`] };
  const isText = call.command === 'custom-action' && !startsLikeObject(output);
  const said = lastLine(stderr);
  return {
    exitCode: exitCodes.done,
    stdout: output,
    stderr: isText ? stderr : Buffer.alloc(0),
    notes: isText || said === '' ? [] : [said],
  };
}

function startsLikeObject(output: Buffer): boolean {
  return /^\s*\{/.test(output.toString('utf8', 0, 64));
}

function lastLine(output: Buffer): string {
  return output.toString('utf8').trimEnd().split(/\r?\n/).at(-1) ?? '';
}
