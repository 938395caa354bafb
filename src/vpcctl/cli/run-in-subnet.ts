import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { VpcctlError } from '../vpcctl-error.js';

/** What a shell answers for a program that is not there, and adds to the number of the signal that ended one. */
const notFound = 127;
const endedBySignal = 128;

/**
 * Runs a program in a network namespace, with our own input and output.
 *
 * @returns its exit code, or that of a shell for one that a signal has ended
 */
export function runInNamespace(namespace: string, command: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('nsenter', [`--net=/run/netns/${namespace}`, '--', ...command], { stdio: 'inherit' });
    // They reach the program by themselves, from the terminal, or are handed on; we end when it does.
    const handOn = (signal: NodeJS.Signals) => void child.kill(signal);
    const ignore = () => undefined;
    process.on('SIGINT', ignore).on('SIGQUIT', ignore).on('SIGTERM', handOn).on('SIGHUP', handOn);
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT')
        reject(new VpcctlError('exec: nsenter is not there; expected util-linux to be installed'));
      else reject(error);
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? (signal === null ? notFound : endedBySignal + constants.signals[signal]));
    });
  });
}
