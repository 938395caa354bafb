import type { TestHost } from './host.js';
import { CommandFailed } from './outcome.js';

const directory = '/run/test-sshd';

/** The addresses by which the calls of test/fixtures/calls know their hosts; in a test host all three are it. */
export const sshHosts = ['192.168.50.11', '192.168.50.12', '192.168.50.13'] as const;

/** Root's password in a test host, the one of the recorded calls. */
export const sshPassword = 'FAKE-host-password-for-tests';

/** Debian's sshd in a test host, with a configuration and keys of its own; it ends with the host. */
export class SshServer {
  private constructor(
    private readonly host: TestHost,
    /** PEM of the key that root may log in with. */
    readonly key: string,
  ) {}

  /** @param settings further lines of sshd_config(5) */
  static async start(host: TestHost, settings: readonly string[] = []): Promise<SshServer> {
    await host.self.ipBatch(sshHosts.map((address) => ['address', 'add', `${address}/32`, 'dev', 'lo']));
    await host.self.output('mkdir', '-p', SshServer.home, '/run/sshd', SshServer.temporary);
    // The machine's own start-up files and ssh configuration are not the test's.
    await host.self.output(
      'sed',
      '-i',
      `s|^root:\\(.*\\):/root:[^:]*$|root:\\1:${SshServer.home}:/bin/bash|`,
      '/etc/passwd',
    );
    const makeKey = (name: string) =>
      host.self.output('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', `${directory}/${name}`);
    await Promise.all([makeKey('host'), makeKey('client')]);
    const password = await host.self.run(['chpasswd'], { input: `root:${sshPassword}\n` });
    if (password.exit !== 0) throw new CommandFailed(['chpasswd'], password);
    const server = new SshServer(host, await host.self.output('cat', `${directory}/client`));
    await server.configure(settings);
    return server;
  }

  /** Root's. */
  static readonly home = `${directory}/home`;

  /** Where the host's side of a call keeps its files for as long as it takes. */
  static readonly temporary = '/run/test-temporary';

  /** Starts it anew with other settings; connections that are there stay. */
  async configure(settings: readonly string[]): Promise<void> {
    await this.stop();
    const configuration = [
      'ListenAddress 0.0.0.0:22',
      `HostKey ${directory}/host`,
      `PidFile ${directory}/pid`,
      `AuthorizedKeysFile ${directory}/client.pub`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      `SetEnv TMPDIR=${SshServer.temporary}`,
      ...settings,
    ];
    await this.host.writeFile(`${directory}/sshd_config`, `${configuration.join('\n')}\n`);
    await this.host.self.output('/usr/sbin/sshd', '-f', `${directory}/sshd_config`, '-E', `${directory}/log`);
    const listens = async () => (await this.host.self.output('ss', '-tlnH', 'sport', '=', '22')) !== '';
    if (!(await this.host.self.eventually(listens))) throw new Error('sshd does not listen');
  }

  /** Ends the process that listens. */
  async stop(): Promise<void> {
    const pid = await this.host.self.run(['cat', `${directory}/pid`]);
    if (pid.exit !== 0) return;
    await this.host.self.output('kill', pid.stdout.trim());
    const isGone = async () => (await this.host.self.run(['kill', '-0', pid.stdout.trim()])).exit !== 0;
    if (!(await this.host.self.eventually(isGone))) throw new Error('sshd does not end');
  }

  /** Public key of the host, as a line of a file of known hosts. */
  async knownHost(address: string): Promise<string> {
    return `${address} ${await this.host.self.output('cat', `${directory}/host.pub`)}`;
  }

  /** Connections that were accepted since it was first started. */
  async accepted(): Promise<number> {
    const log = await this.host.self.output('cat', `${directory}/log`);
    return log.split('\n').filter((line) => line.includes('Accepted ')).length;
  }

  /** Drops every packet to an address, as if its host had lost its power. */
  async cutOff(address: string): Promise<void> {
    await this.host.self.loadRules(
      `table ip away {\n chain input {\n  type filter hook input priority 0\n  ip daddr ${address} drop\n  ip saddr ${address} drop\n }\n}\n`,
    );
  }

  async bringBack(): Promise<void> {
    await this.host.self.output('nft', 'delete', 'table', 'ip', 'away');
  }
}
