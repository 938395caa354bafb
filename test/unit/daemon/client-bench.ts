import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa, type Options } from 'execa';

const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** How a call of the client ended. */
export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A native client compiled for a directory of its own, and the real program (around a test handler) that it starts there. */
export class ClientBench {
  readonly base = mkdtempSync(join(tmpdir(), 'csn-'));
  readonly client = join(this.base, 'net', 'net-wrapper.sh');
  readonly socketPath = join(this.base, 'run', 'daemon.sock');
  readonly script = join(this.base, 'lib', 'cloudstack-netns.js');
  readonly node = join(this.base, 'lib', 'node');
  readonly #starts = join(this.base, 'starts');
  #bundle = '';

  async build(): Promise<void> {
    execFileSync(join(projectRoot, 'scripts/build/client.sh'), [
      this.client,
      join(this.base, 'run'),
      join(this.base, 'lib'),
    ]);
    const { bundle } = await import(join(projectRoot, 'scripts/build/bundle.mjs'));
    await bundle(join(dirname(fileURLToPath(import.meta.url)), 'echo-program.ts'), this.script);
    this.#bundle = readFileSync(this.script, 'utf8');
    writeFileSync(join(this.base, 'lib', 'package.json'), '{"type":"module"}');
    this.reset();
  }

  /** The program in place, no daemon, no trace of one. */
  reset(): void {
    for (const name of ['run', 'log', 'starts', 'lib/node'])
      rmSync(join(this.base, name), { recursive: true, force: true });
    writeFileSync(this.script, this.#bundle);
    symlinkSync(process.execPath, this.node);
    mkdirSync(join(this.base, 'run'), { mode: 0o700 });
  }

  async call(words: readonly string[], options: Options = {}): Promise<Outcome> {
    const result = await execa(this.client, words, { reject: false, stripFinalNewline: false, ...options });
    return { exitCode: result.exitCode, stdout: String(result.stdout), stderr: String(result.stderr) };
  }

  /** Process ids of all daemons started so far. */
  daemons(): number[] {
    if (!existsSync(this.#starts)) return [];
    return readFileSync(this.#starts, 'utf8').trim().split('\n').map(Number);
  }

  daemon(): number {
    const pid = this.daemons().at(-1);
    if (pid === undefined) throw new Error('no daemon was started');
    return pid;
  }

  /** Ends every daemon of this bench and waits until it is gone. */
  async endDaemons(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    for (const pid of this.daemons()) {
      if (isOurs(pid, this.base)) process.kill(pid, signal);
      await this.gone(pid);
    }
  }

  async gone(pid: number): Promise<void> {
    for (let turn = 0; isOurs(pid, this.base); turn++) {
      if (turn > 1000) throw new Error(`process ${pid} does not end`);
      await sleep(5);
    }
  }

  async dispose(): Promise<void> {
    await this.endDaemons();
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** A pid may have been given to somebody else since; a zombie has no command line. */
function isOurs(pid: number, base: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(base);
  } catch {
    return false;
  }
}
