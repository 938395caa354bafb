/** A bar on the terminal while a batch runs. */
export interface BatchProgress {
  /** How many bytes of the input have been read. */
  read(bytes: number): void;
  /** One more command has ended. */
  count(isDone: boolean): void;
  close(): void;
}

const nothing: BatchProgress = { read: () => undefined, count: () => undefined, close: () => undefined };

/**
 * @param size bytes of the whole input; undefined when it is not known: then there is no bar, only numbers
 */
export async function openProgress(size: number | undefined): Promise<BatchProgress> {
  // Results on the same terminal would tear it.
  if (!process.stderr.isTTY || process.stdout.isTTY) return nothing;
  const { SingleBar } = await import('cli-progress');
  const known = size !== undefined && size > 0;
  const bar = new SingleBar({
    format: known
      ? '{bar} {percentage}% | {done} done, {failed} failed | {duration_formatted}'
      : '{done} done, {failed} failed | {duration_formatted}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  const counts = { done: 0, failed: 0 };
  bar.start(known ? size : 1, 0, counts);
  return {
    read: (bytes) => bar.update(known ? bytes : 0, counts),
    count: (isDone) => {
      if (isDone) counts.done++;
      else counts.failed++;
    },
    close: () => bar.stop(),
  };
}
