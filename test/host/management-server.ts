import type { CommandOptions, TestHost } from './host.js';
import { CommandFailed, type Outcome } from './outcome.js';
import { type SshServer, sshHosts, sshPassword } from './ssh-server.js';

const temporary = '/run/test-management';

export interface ManagementCall {
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly deadline?: number;
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

  /** Calls the program with exactly these arguments. */
  async callRaw(argv: readonly string[], call: ManagementCall = {}): Promise<Outcome> {
    const environment = { TMPDIR: temporary, ...call.environment };
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

  /** A recorded text with the key of this test host in the place of the one that is no key. */
  withKey(text: string): string {
    const key = JSON.stringify(this.server.key).slice(1, -1).replaceAll('=', '\\u003d');
    return text.replace(/-----BEGIN FAKE KEY FOR TESTS-----.*?-----END FAKE KEY FOR TESTS-----\\n/g, () => key);
  }
}
