import { CommandLog } from '../daemon/command-log.js';
import { failure } from '../daemon/failure.js';
import { type CommandResult, carriedOut } from '../daemon/handler.js';
import { traced } from '../daemon/traced.js';
import type { Composition } from './composition.js';
import { contractEnvironment } from './contract-environment.js';
import { wrapperPath } from './install/layout.js';

/** Carries out one command in this process, without client and daemon. Returns the exit code. */
export async function runExec(
  { loadHost, logDirectory }: Composition,
  extension: string,
  command: readonly string[],
): Promise<number> {
  process.umask(0o077);
  const log = new CommandLog(logDirectory);
  const invocation = {
    program: wrapperPath(extension),
    arguments: command,
    environment: contractEnvironment(process.env),
    directory: process.cwd(),
  };
  const begin = performance.now();
  let result: CommandResult;
  try {
    const { createHandler } = await loadHost();
    const handler = await createHandler();
    result = await carriedOut(handler, invocation);
    await handler.close?.();
  } catch (error) {
    result = failure(error);
  }
  const milliseconds = performance.now() - begin;
  log.record(invocation, result, milliseconds);
  result = traced(invocation, result, milliseconds);
  await log.flush();
  await Promise.all([written(process.stdout, result.stdout), written(process.stderr, result.stderr)]);
  return result.exitCode;
}

function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => stream.write(text, () => resolve()));
}
