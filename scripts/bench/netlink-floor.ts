import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { nativeProgram } from './native-programs.js';

/** The resident floor program (native/netlink-floor.c): sends bytes that are given to it and takes the time. */
export class NetlinkFloor {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(private readonly directory: string) {
    this.#process = spawn(nativeProgram('netlink-floor'), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @param directory for the files that hold the bytes */
  static async start(directory: string): Promise<NetlinkFloor> {
    const floor = new NetlinkFloor(directory);
    await floor.#line();
    return floor;
  }

  /** Keeps batches under a name; returns the file. */
  prepare(name: string, batches: readonly Uint8Array[]): string {
    const file = join(this.directory, name);
    const parts = batches.flatMap((bytes) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    });
    writeFileSync(file, Buffer.concat(parts));
    return file;
  }

  /**
   * Sends the batches of a file one after the other.
   *
   * @param pause microseconds before each
   * @returns nanoseconds of each
   */
  async send(file: string, pause: number): Promise<number[]> {
    this.#process.stdin.write(`${file} ${pause}\n`);
    return (await this.#line()).trim().split(' ').map(Number);
  }

  end(): void {
    this.#process.stdin.end();
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('netlink-floor has ended');
    return value;
  }
}
