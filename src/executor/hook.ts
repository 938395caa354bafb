/** Programs of the operator's for actions that are not built in. */

import { lstatSync, type Stats } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../commands/command-error.js';
import type { Hook } from '../contract/custom-action.js';

/** How long a hook may run, in milliseconds. */
export const hookTime = 600_000;

/** How long after a hook's end its output is waited for, in milliseconds: what it started may hold the pipes open. */
const lingering = 500;

/** Most output that is kept, in characters. */
const mostOutput = 1_000_000;

const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/** Bits of a file's mode: anyone but its owner may write, and anyone may execute. */
const writableByOthers = 0o022;
const executable = 0o111;

/** How a hook ended. */
export interface HookResult {
  /** 0 to 255. */
  readonly exitCode: number;
  /** What it printed on either stream; the lines of each are in their order. */
  readonly output: string;
  /** One line about a failure. */
  readonly problem: string | undefined;
}

/**
 * Runs `<state root>/hooks/custom-action-<name>.sh --network-id N --action A --action-params JSON`, without a shell, with the JSON byte for
 * byte as it was sent. (A file without "#!" is a script of /bin/sh, as execvp(3) has it.)
 *
 * To be called without the domain's lock: the hook may call our own commands about the same network, which take it. Hooks that must not run
 * side by side have to see to that themselves.
 *
 * @param networkId empty for a VPC
 * @param time most milliseconds it may run; then it is killed with all it has started
 * @throws CommandError when there is no such hook, or one that somebody else than root could have written
 */
export async function runHook(
  root: string,
  networkId: string,
  { name, parameters }: Hook,
  time = hookTime,
): Promise<HookResult> {
  const path = hookPath(root, name);
  const { execa } = await import('execa');
  const child = execa(path, ['--network-id', networkId, '--action', name, '--action-params', parameters], {
    all: true,
    stdin: 'ignore',
    env: environment,
    extendEnv: false,
    cwd: '/',
    // A process group of its own, so that it can be ended as a whole.
    detached: true,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: mostOutput,
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child.pid);
  }, time);
  child.once('exit', () => {
    clearTimeout(timer);
    void delay(lingering, undefined, { ref: false }).then(() => child.all?.destroy());
  });
  const result = await child;
  clearTimeout(timer);
  const output = (result.all ?? '').slice(0, mostOutput);
  if (result.isMaxBuffer) {
    killGroup(child.pid);
    return { exitCode: 1, output, problem: `hook ${path} printed more than ${mostOutput} characters and was ended` };
  }
  if (timedOut)
    return { exitCode: 1, output, problem: `hook ${path} ran for more than ${time / 1000} s and was ended` };
  if (result.exitCode === 0) return { exitCode: 0, output, problem: undefined };
  if (result.signal !== undefined)
    return { exitCode: 1, output, problem: `hook ${path} was ended by ${result.signal}` };
  if (result.exitCode === undefined) {
    throw new CommandError(
      `custom-action: hook ${path} could not be started (${result.code ?? 'unknown reason'}); expected a program or a script with "#!"`,
    );
  }
  return { exitCode: result.exitCode, output, problem: `hook ${path} ended with exit code ${result.exitCode}` };
}

/** The hook's file, if it can be trusted. @throws CommandError */
function hookPath(root: string, name: string): string {
  const directory = `${root}/hooks`;
  const path = `${directory}/custom-action-${name}.sh`;
  const refused = (what: string, problem: string) => new CommandError(`custom-action: ${name}: ${what} ${problem}`);
  const known = lstatSync(directory, { throwIfNoEntry: false });
  const file = known?.isDirectory() === true ? lstatSync(path, { throwIfNoEntry: false }) : known;
  if (known === undefined || file === undefined) {
    throw refused('no such action', `is built in, and there is no hook; expected ${path}`);
  }
  // Who can write the directory can put another file in the hook's place.
  if (!known.isDirectory()) throw refused(directory, 'is no directory; symbolic links are not followed');
  refuseUntrusted(known, directory, refused);
  if (!file.isFile()) throw refused(path, 'is no regular file; symbolic links are not followed');
  refuseUntrusted(file, path, refused);
  if ((file.mode & executable) === 0) throw refused(path, 'is not executable');
  return path;
}

function refuseUntrusted({ uid, mode }: Stats, path: string, refused: (what: string, problem: string) => Error): void {
  if (uid !== 0) throw refused(path, `belongs to user ${uid}; expected root`);
  if ((mode & writableByOthers) !== 0)
    throw refused(path, 'can be written by others than root; expected mode 0755 or less');
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
