import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resultJson, resultText } from '../batch/result-line.js';
import { type BatchSummary, runBatch } from '../batch/run-batch.js';
import { askBatch } from '../daemon/ask-batch.js';
import { connectTo, NoDaemonError } from '../daemon/connect.js';
import { statusCommand } from '../daemon/status.js';
import { openProgress } from './batch-progress.js';
import type { Composition } from './composition.js';
import { contractEnvironment } from './contract-environment.js';
import { wrapperPath } from './install/layout.js';

export interface RunBatchOptions {
  /** Undefined: stdin. */
  readonly file: string | undefined;
  readonly extension: string;
  readonly isAtomic: boolean;
  readonly isJson: boolean;
}

/** Runs the commands of a file or of stdin. Returns the exit code: 1 when one of them failed. */
export async function runBatchCommand({ socketPath }: Composition, options: RunBatchOptions): Promise<number> {
  const { file, extension, isAtomic, isJson } = options;
  const program = wrapperPath(extension);
  await ensureDaemon(socketPath, program);
  const size = file === undefined ? undefined : (await stat(file)).size;
  const progress = await openProgress(size);
  const format = isJson ? resultJson : resultText;
  const header = { program, directory: process.cwd(), environment: contractEnvironment(process.env), isAtomic };
  let text = '';
  const say = () => {
    if (text !== '') process.stdout.write(text);
    text = '';
  };
  const begin = performance.now();
  let summary: BatchSummary;
  try {
    summary = await runBatch({
      input: file === undefined ? process.stdin : createReadStream(file),
      isAtomic,
      carry: (commands, told) =>
        askBatch(socketPath, header, commands, (results) => {
          told(results);
          say();
        }),
      result: (result) => {
        text += format(result);
        progress.count(result.exitCode === 0);
      },
      progress: (bytes) => progress.read(bytes),
    });
  } finally {
    say();
    progress.close();
  }
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  const seconds = (performance.now() - begin) / 1000;
  process.stderr.write(`${summaryText(summary, seconds)}\n`);
  return summary.failed === 0 ? 0 : 1;
}

function summaryText({ done, failed }: BatchSummary, seconds: number): string {
  const all = done + failed;
  const rate = Math.round(all / Math.max(seconds, 0.001));
  const count = (number: number) => number.toLocaleString('en');
  return `${count(all)} commands in ${seconds.toFixed(2)} s (${count(rate)} a second): ${count(done)} done, ${count(failed)} failed`;
}

/** The wrapper starts one when none runs. */
async function ensureDaemon(socketPath: string, wrapper: string): Promise<void> {
  try {
    (await connectTo(socketPath)).destroy();
  } catch (error) {
    if (!(error instanceof NoDaemonError)) throw error;
    const { execa } = await import('execa');
    await execa(wrapper, [statusCommand], { stdin: 'ignore', stdout: 'ignore' });
  }
}
