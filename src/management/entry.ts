import { basename } from 'node:path';
import { ContractError } from '../contract/contract-error.js';
import { extensionOf } from '../contract/extension.js';
import { logLines, logNameOf } from '../daemon/command-log.js';
import { oneLine } from '../daemon/failure.js';
import { type EntryCall, readCall } from './call.js';
import { now } from './clock.js';
import type { Connection } from './connection.js';
import { ensureDevice } from './ensure-device.js';
import { EntryFailure, exitCodes } from './failure.js';
import { forward } from './forward.js';
import { privateDirectory } from './private-directory.js';
import { runOnHost, type Session } from './ssh.js';

const nothing = Buffer.alloc(0);

export interface EntryResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

interface Carried extends EntryResult {
  readonly notes: readonly string[];
  readonly host?: string;
}

export interface EntryEnvironment {
  /** The file this program was started as, symbolic links resolved: its place names the extension. */
  readonly program: string;
  readonly variables: NodeJS.ProcessEnv;
  readonly writeLog: (extension: string, lines: string) => void;
}

/** Carries out one call of CloudStack on the management server. */
export async function runEntry(argv: readonly string[], environment: EntryEnvironment): Promise<EntryResult> {
  const begin = now();
  let call: EntryCall | undefined;
  let carried: Carried;
  try {
    call = readCall(argv);
    carried = await carry(call, environment);
  } catch (error) {
    carried = failed(argv[0] ?? '', error);
  }
  const milliseconds = now() - begin;
  note(argv, call, carried, environment, milliseconds);
  return carried;
}

async function carry(call: EntryCall, { program, variables }: EntryEnvironment): Promise<Carried> {
  const run = (connection: Connection, host: string, session: Session) =>
    runOnHost(privateDirectory(), connection, host, session);
  if (call.command === 'ensure-network-device') {
    const { answer, host, notes } = await ensureDevice(call, async (connection, host) => {
      const session = { command: 'exit 0', isBegun: () => false, deadline: connection.patience * 1_000 };
      const { exit } = await run(connection, host, session);
      if (exit !== 0) throw new Error(`its login shell ended with exit code ${exit}`);
    });
    return { exitCode: exitCodes.done, stdout: Buffer.from(answer), stderr: nothing, notes, host };
  }
  const wrapper = variables.CS_NET_SCRIPT_PATH;
  const { exitCode, stdout, stderr, notes } = await forward(call, wrapper || hostProgram(program), run);
  return { exitCode, stdout, stderr, notes };
}

/** Path of the program on the host: in the directory of the same name, with the name of this program (CONTRACT §0). */
export function hostProgram(program: string): string {
  return `/etc/cloudstack/extensions/${extensionOf(program)}/${basename(program, '.sh')}-wrapper.sh`;
}

/** One line that says why; nothing at all from the command whose output is kept by CloudStack. */
function failed(command: string, error: unknown): Carried {
  const exitCode = error instanceof EntryFailure ? error.exitCode : exitCodes.configuration;
  const isKnown = error instanceof EntryFailure || error instanceof ContractError;
  const line = isKnown ? oneLine(error) : `internal error: ${oneLine(error)}`;
  const stderr = command === 'ensure-network-device' ? nothing : Buffer.from(`cloudstack-netns: ${line}\n`);
  return { exitCode, stdout: nothing, stderr, notes: stderr === nothing ? [line] : [] };
}

function note(
  argv: readonly string[],
  call: EntryCall | undefined,
  { exitCode, stderr, notes, host }: Carried,
  { program, writeLog }: EntryEnvironment,
  milliseconds: number,
): void {
  const about = [
    call?.networkId ? `network=${call.networkId}` : '',
    call?.vpcId ? `vpc=${call.vpcId}` : '',
    host === undefined ? '' : `host=${host}`,
  ];
  const invocation = { program, arguments: argv, environment: {}, directory: '/' };
  const result = {
    exitCode,
    stdout: '',
    stderr: stderr.toString('utf8'),
    subject: about.filter((word) => word !== '').join(' '),
    notes,
  };
  writeLog(logNameOf(program), logLines(new Date().toISOString(), invocation, result, milliseconds));
}
