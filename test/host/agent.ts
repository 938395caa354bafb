import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { projectRoot } from './project-root.js';

const reply = z.object({ id: z.number(), value: z.unknown().optional(), error: z.string().optional() });
const greeting = z.object({ pid: z.number(), host: z.string() });

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * The connection to a test host's resident program (agent.py). When it ends, for whatever reason, the kernel removes
 * everything the test host consisted of: no process, namespace or mount of it survives.
 */
export class Agent {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly waiting = new Map<number, Waiting>();
  private readonly ended: Promise<void>;
  private next = 1;
  private complaints = '';
  private hasEnded = false;

  /** Path of the host's own network namespace, valid inside the test host. */
  readonly hostNamespace: string;

  private constructor(process: ChildProcessWithoutNullStreams) {
    this.process = process;
    this.hostNamespace = '';
    process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaints += text;
    });
    // A write to an agent that is gone is reported by its end; without a listener it would end the test runner.
    process.stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      process.once('close', () => {
        this.hasEnded = true;
        for (const { reject } of this.waiting.values())
          reject(new Error(`the test host has ended: ${this.complaints.trim()}`));
        this.waiting.clear();
        resolve();
      });
    });
    createInterface({ input: process.stdout }).on('line', (line) => this.receive(line));
  }

  /** @param state a directory of the machine that is to be the host's /var/lib/cloudstack */
  static async start(state?: string): Promise<Agent> {
    const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
    // -I and -S: nothing of the user's Python installation is wanted, and the start takes half the time.
    const program = ['-I', '-S', join(projectRoot, 'test/host/agent.py'), ...(state === undefined ? [] : [state])];
    const agent = new Agent(spawn(python, program));
    const first = await new Promise<unknown>((resolve, reject) => {
      agent.waiting.set(0, { resolve, reject });
    });
    return Object.assign(agent, { hostNamespace: greeting.parse(first).host });
  }

  /** Sends one request; `schema` says what the answer must look like. */
  async ask<Answer>(
    operation: string,
    request: Readonly<Record<string, unknown>>,
    schema: z.ZodType<Answer>,
  ): Promise<Answer> {
    if (this.hasEnded) throw new Error(`the test host has ended: ${this.complaints.trim()}`);
    const id = this.next++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
    });
    this.process.stdin.write(`${JSON.stringify({ ...request, id, operation })}\n`);
    return schema.parse(await answer);
  }

  /** Ends the test host and waits until its processes are gone. */
  async end(): Promise<void> {
    this.process.stdin.end();
    await this.ended;
  }

  private receive(line: string): void {
    const { id, value, error } = reply.parse(JSON.parse(line));
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }
}

/** The environment of commands in a test host: what sshd gives to root, with this Node first. */
export function commandEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const path = `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  return { PATH: path, HOME: '/root', USER: 'root', LANG: 'C.UTF-8', ...extra };
}
