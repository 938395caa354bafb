import { join } from 'node:path';
import type { Endpoint } from '../host/endpoint.js';
import { TestHost } from '../host/host.js';
import type { Machine } from '../host/machine.js';
import { CommandFailed, type Outcome } from '../host/outcome.js';
import { projectRoot } from '../host/project-root.js';
import { attachInternet } from './scene.js';

/** What `vpcctl` is called with: words that blanks part, as on a command line without quotes. */
const wordsOf = (line: string): string[] => line.split(' ').filter((word) => word !== '');

const bridgeFilter = 'net.bridge.bridge-nf-call-iptables';

/** A host with `vpcctl` and a way to the internet through eth0; its own address there is 203.0.113.2. */
export class VpcHost {
  static readonly address = '203.0.113.2';

  private constructor(
    readonly host: TestHost,
    readonly internet: Endpoint,
  ) {}

  static async create(): Promise<VpcHost> {
    const host = await TestHost.create({ publicDevice: 'eth0' });
    try {
      const internet = await attachInternet(host, 'untagged');
      await host.self.ipBatch([
        ['address', 'add', `${VpcHost.address}/24`, 'dev', 'eth0'],
        ['link', 'set', 'eth0', 'up'],
        ['route', 'add', 'default', 'via', '203.0.113.1'],
      ]);
      const scene = new VpcHost(host, internet);
      // As on a host where nobody has loaded br_netfilter; here the test host's own wire has.
      await scene.filterBridges(false);
      return scene;
    } catch (error) {
      await host.destroy();
      throw error;
    }
  }

  call(line: string, files: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return this.host.self.run([join(projectRoot, 'bin/vpcctl'), ...wordsOf(line)], { files });
  }

  /** A call that must succeed. @returns what it prints */
  async vpcctl(line: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
    const outcome = await this.call(line, files);
    if (outcome.exit !== 0) throw new CommandFailed(['vpcctl', ...wordsOf(line)], outcome);
    return outcome.stdout;
  }

  /** Makes VPCs what a document says. */
  apply(document: object): Promise<string> {
    return this.vpcctl('apply FILE', { FILE: JSON.stringify(document) });
  }

  /** Shows what passes bridges to the rules about IPv4, or not; without br_netfilter it never is. @returns whether it is now */
  async filterBridges(wanted: boolean): Promise<boolean> {
    const { exit } = await this.host.self.run(['sysctl', '-q', '-w', `${bridgeFilter}=${wanted ? 1 : 0}`]);
    return exit === 0 && wanted;
  }

  subnet(vpc: string, name: string): Machine {
    return this.host.inside(`${vpc}-${name}`);
  }

  async linkNames(): Promise<string[]> {
    return (await this.host.self.links()).map(({ ifname }) => ifname);
  }

  destroy(): Promise<void> {
    return this.host.destroy();
  }
}
