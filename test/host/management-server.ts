import { join } from 'node:path';
import { z } from 'zod';
import type { Caller, CommandOptions, TestHost } from './host.js';
import { CommandFailed, type Outcome } from './outcome.js';
import { patience } from './patience.js';
import { projectRoot } from './project-root.js';
import { type SshServer, sshHosts, sshPassword } from './ssh-server.js';

const temporary = '/run/test-management';

export interface ManagementCall {
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly deadline?: number;
}

const residentOutcome = z.object({
  exit: z.number(),
  stdout: z.string(),
  stderr: z.string(),
  milliseconds: z.number(),
});

function mapValues(
  values: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

/** CloudStack's management server, on the test host itself: the installed entry program, as Java calls it. */
export class ManagementServer {
  private constructor(
    private readonly host: TestHost,
    private readonly server: SshServer,
    readonly entry: string,
  ) {}

  /** Installs the built program, the way an operator does. */
  static async install(host: TestHost, server: SshServer, name = 'network-namespace'): Promise<ManagementServer> {
    const argv = [host.program, 'install', '--management', '--name', name];
    const outcome = await host.self.run(argv);
    if (outcome.exit !== 0) throw new CommandFailed(argv, outcome);
    await host.self.output('mkdir', '-p', temporary);
    const entry = `/usr/share/cloudstack-management/extensions/${name}/${name}.sh`;
    return new ManagementServer(host, server, entry);
  }

  /** Where connections and keys are kept. */
  static readonly directory = `${temporary}/.cs-extnet-0`;

  /** Variables the program is called with, so that it keeps nothing where other test hosts would see it. */
  readonly environment: Readonly<Record<string, string>> = { TMPDIR: temporary };

  /** Calls the program with exactly these arguments. */
  async callRaw(argv: readonly string[], call: ManagementCall = {}): Promise<Outcome> {
    const environment = { ...this.environment, ...call.environment };
    return this.host.self.run([this.entry, ...argv], { ...call, environment });
  }

  /** Calls a command of generation 1 with a network's own details. */
  async call(
    command: string,
    options: CommandOptions,
    details: Readonly<Record<string, string>> = this.details(),
    call: ManagementCall = {},
  ): Promise<Outcome> {
    return this.callRaw(this.callArguments(command, options, details), call);
  }

  callArguments(
    command: string,
    options: CommandOptions,
    details: Readonly<Record<string, string>> = this.details(),
    network: Readonly<Record<string, string>> = { host: sshHosts[0], namespace: `cs-net-${options['network-id']}` },
  ): string[] {
    return [
      command,
      ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
      '--physical-network-extension-details',
      JSON.stringify(details),
      '--network-extension-details',
      JSON.stringify(network),
    ];
  }

  /** What an operator has registered; `undefined` takes a detail out. */
  details(changed: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
    const all = {
      hosts: sshHosts.join(','),
      username: 'root',
      port: '22',
      password: sshPassword,
      sshkey: this.server.key,
      'guest.network.device': this.host.guestDevice,
      'public.network.device': this.host.publicDevice,
      physicalnetworkname: 'physnet1',
      ...changed,
    };
    return Object.fromEntries(
      Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
    );
  }

  /**
   * A process that carries calls out one after the other, for tests that make many of them. The calls may be those of a test that knows
   * nothing of SSH: how the host is logged in to is put into their details.
   */
  async resident(): Promise<Caller> {
    const socket = `${temporary}/entry.sock`;
    const program = join(projectRoot, 'test/host/entry-server.mjs');
    const argv = ['setsid', '--fork', process.execPath, program, this.entry, socket];
    const start = `exec ${argv.map((word) => `'${word}'`).join(' ')} </dev/null >/dev/null 2>${temporary}/entry-server.err`;
    const outcome = await this.host.self.run(['sh', '-c', start], { environment: this.environment });
    if (outcome.exit !== 0) throw new CommandFailed(argv, outcome);
    const listens = async () => (await this.host.self.run(['test', '-S', socket])).exit === 0;
    if (!(await this.host.self.eventually(listens, patience(10_000)))) throw new Error(`${program} does not listen`);
    return async (words, files) => {
      const sent = {
        argv: words.map((word) => this.withAccess(word)),
        files: mapValues(files, (text) => this.withAccess(text)),
      };
      const answer: unknown = JSON.parse(await this.host.self.askSocket(socket, JSON.stringify(sent)));
      return { ...residentOutcome.parse(answer), heldOpen: false, timedOut: false };
    };
  }

  /** A text of a call with this host's access in the place of what stands for one. */
  private withAccess(text: string): string {
    return this.withKey(text)
      .replaceAll('"hosts":"192.0.2.1"', `"hosts":"${sshHosts[0]}"`)
      .replaceAll('"host":"192.0.2.1"', `"host":"${sshHosts[0]}"`);
  }

  /** A recorded text with the key of this test host in the place of the one that is no key. */
  withKey(text: string): string {
    const key = JSON.stringify(this.server.key).slice(1, -1).replaceAll('=', '\\u003d');
    return text.replace(/-----BEGIN FAKE KEY FOR TESTS-----.*?-----END FAKE KEY FOR TESTS-----\\n/g, () => key);
  }
}
