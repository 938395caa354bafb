/** Milliseconds without a command until memory is looked at. */
const calm = 3_000;

/** Commands that must have been carried out since the last time: a collection stops the daemon for some 50 ms. */
const worthwhile = 100;

/**
 * Gives back memory when the daemon has nothing to do. After a burst of commands the heap of the JavaScript engine stays as large as it was at
 * its peak, because an idle program allocates nothing and so never collects: after 600 networks were made, 66 instead of 108 MB.
 */
export class Rest {
  #timer: NodeJS.Timeout | undefined;
  #commands = 0;

  /** @param giveBack has unused memory given back */
  constructor(private readonly giveBack: () => Promise<void>) {}

  /** The last command that was at work has ended. */
  begin(): void {
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#tidy(), calm).unref();
    else this.#timer.refresh();
  }

  /** Commands begin. */
  end(count: number): void {
    this.#commands += count;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tidy(): void {
    this.#timer = undefined;
    if (this.#commands < worthwhile) return;
    this.#commands = 0;
    // Where the engine was built without it memory stays as it is.
    this.giveBack().catch(() => undefined);
  }
}

/**
 * Has the engine collect all it can, compact what is left, and give back the new space, which grows to 32 MB under load and never shrinks by itself. Only a
 * debugger may ask for that (V8's LowMemoryNotification), so for this moment we are our own.
 */
export async function collect(): Promise<void> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
}
