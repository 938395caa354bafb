import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Agent } from './agent.js';
import { Endpoint, type EndpointOptions } from './endpoint.js';
import { Machine } from './machine.js';
import { CommandFailed, type Outcome } from './outcome.js';
import { projectRoot } from './project-root.js';
import { parseVlan, type Vlan } from './vlan.js';
import { Wire } from './wire.js';

export interface TestHostOptions {
  readonly guestVlans?: readonly (string | number)[];
  readonly publicVlans?: readonly (string | number)[];
  readonly guestDevice?: string;
  readonly publicDevice?: string;
  /** A directory of the machine that is to be /var/lib/cloudstack, for measuring with a real disk; it is not emptied. */
  readonly stateDisk?: string;
}

/** Options of a command in the order they are sent: `{ 'network-id': 42 }` is `--network-id 42`. */
export type CommandOptions = Readonly<Record<string, string | number | boolean>>;

/** The way of a call to the installed program. */
export type Caller = (argv: readonly string[], files: Readonly<Record<string, string>>) => Promise<Outcome>;

export interface FileEntry {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly mode: number;
  readonly content?: string | undefined;
}

const treeSchema = z.object({
  entries: z.record(
    z.string(),
    z.object({
      kind: z.enum(['file', 'directory', 'link', 'other']),
      mode: z.number(),
      content: z.string().optional(),
    }),
  ),
});

/**
 * A KVM host for one test file: namespaces for processes, mounts and network, in which the installed program finds its
 * own /run, /etc, /usr, /var, NICs and VLANs, and nothing of the machine it really runs on can be changed.
 */
export class TestHost {
  /** The host's own network namespace. */
  readonly self: Machine;
  readonly guestDevice: string;
  readonly publicDevice: string;
  /** The built product. */
  readonly program: string = join(projectRoot, 'bin/cloudstack-netns');
  private extension = 'network-namespace';
  private vnets = 0;
  private caller: Caller = (argv, files) => this.self.run([this.wrapper, ...argv], { files });

  private constructor(
    private readonly agent: Agent,
    readonly wire: Wire,
    self: Machine,
    options: TestHostOptions,
  ) {
    this.self = self;
    this.guestDevice = options.guestDevice ?? 'eth1';
    this.publicDevice = options.publicDevice ?? 'eth1';
  }

  static async create(options: TestHostOptions = {}): Promise<TestHost> {
    const agent = await Agent.start(options.stateDisk);
    try {
      const self = new Machine(agent, 'the host', agent.hostNamespace);
      const guestDevice = options.guestDevice ?? 'eth1';
      const publicDevice = options.publicDevice ?? 'eth1';
      const wire = await Wire.create(agent, self, [...new Set(['eth1', 'eth2', guestDevice, publicDevice])]);
      await wire.prepare([
        ...(options.guestVlans ?? []).map((vlan) => ({ device: guestDevice, vlan: parseVlan(vlan) })),
        ...(options.publicVlans ?? []).map((vlan) => ({ device: publicDevice, vlan: parseVlan(vlan) })),
      ]);
      return new TestHost(agent, wire, self, options);
    } catch (error) {
      await agent.end();
      throw error;
    }
  }

  /** Whether VLANs are 802.1Q here, or links made beforehand. */
  get realVlans(): boolean {
    return this.wire.realVlans;
  }

  /** Path of the installed program, as CloudStack calls it. */
  get wrapper(): string {
    return `/etc/cloudstack/extensions/${this.extension}/${this.extension}-wrapper.sh`;
  }

  get stateDirectory(): string {
    return `/var/lib/cloudstack/${this.extension}`;
  }

  get logFile(): string {
    return `/var/log/cloudstack/extensions/${this.extension}/${this.extension}.log`;
  }

  /**
   * Installs the built product, the way an operator does. CSN_PROGRAM names an executable file to put in its place: the
   * tests can be played against another program that keeps the same contract.
   *
   * @param options further options of `cloudstack-netns install`
   */
  async install(name = 'network-namespace', options: readonly string[] = []): Promise<void> {
    const other = process.env.CSN_PROGRAM;
    if (other !== undefined && other !== '') return this.installProgram(name, await readFile(other, 'utf8'));
    this.extension = name;
    if (!existsSync(this.program)) throw new Error(`${this.program} is missing: run "npm run build" first`);
    const argv = [this.program, 'install', '--name', name, ...options];
    const outcome = await this.self.run(argv);
    if (outcome.exit !== 0) throw new CommandFailed(argv, outcome);
  }

  /** Puts a program in the place of the product; the harness's own tests do. */
  async installProgram(name: string, content: string): Promise<void> {
    this.extension = name;
    await this.writeFile(this.wrapper, content, 0o755);
  }

  /** Calls the installed program with exactly these arguments. */
  async callRaw(argv: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return this.caller(argv, files);
  }

  /** From now on calls take another way to the installed program. */
  callThrough(caller: Caller): void {
    this.caller = caller;
  }

  /** Calls one command as CloudStack does: options, then the two details options. */
  async call(
    command: string,
    options: CommandOptions = {},
    files: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> {
    return this.callRaw(this.callArguments(command, options), files);
  }

  /** The arguments of one command as CloudStack gives them. */
  callArguments(command: string, options: CommandOptions = {}): string[] {
    return [command, ...this.optionList(options), ...this.details(options)];
  }

  /** Calls a command that must succeed and, as nearly all, print nothing. */
  async perform(
    command: string,
    options: CommandOptions = {},
    files: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> {
    const outcome = await this.call(command, options, files);
    const argv = [command, ...this.optionList(options)];
    if (outcome.exit !== 0 || outcome.timedOut) throw new CommandFailed(argv, outcome);
    if (outcome.heldOpen) throw new Error(`${argv.join(' ')}: a process it left behind holds its stdout or stderr`);
    if (outcome.stdout !== '' || outcome.stderr !== '')
      throw new Error(`${argv.join(' ')}: printed ${JSON.stringify(outcome.stdout + outcome.stderr)}`);
    return outcome;
  }

  /** A namespace of the product, by its name in `ip netns`. */
  inside(name: string): Machine {
    return new Machine(this.agent, name, `/run/netns/${name}`);
  }

  /** Names as `ip netns` shows them. */
  async namespaces(): Promise<string[]> {
    const text = await this.self.output('ip', 'netns', 'list');
    return text
      .split('\n')
      .flatMap((line) => line.split(' ', 1))
      .filter((name) => name !== '')
      .sort();
  }

  /** A guest on another host: behind the VLAN of the host's NIC. */
  async attachGuest(vlan: string | number, options: EndpointOptions, device = this.guestDevice): Promise<Endpoint> {
    return this.attachBehindWire('guest', device, parseVlan(vlan), options);
  }

  /** A guest on this host: its interface is a port of the network's bridge, which must exist. */
  async attachLocalGuest(
    vlan: string | number,
    options: EndpointOptions,
    device = this.guestDevice,
  ): Promise<Endpoint> {
    const bridge = `br${device}-${parseVlan(vlan)}`;
    const port = `vnet${this.vnets++}`;
    return Endpoint.create(this.agent, `guest ${options.addresses[0]}`, options, (namespace) =>
      this.self.ipBatch([
        ['link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace],
        ['link', 'set', port, 'master', bridge, 'up'],
      ]),
    );
  }

  /** A router, server or client on a public VLAN. */
  async attachOutside(vlan: string | number, options: EndpointOptions, device = this.publicDevice): Promise<Endpoint> {
    return this.attachBehindWire('outside', device, parseVlan(vlan), options);
  }

  /** All files below some directories of the host, when no state of the product waits in a journal to be in files. */
  async tree(...paths: readonly string[]): Promise<Readonly<Record<string, FileEntry>>> {
    for (;;) {
      const { entries } = await this.agent.ask('tree', { paths }, treeSchema);
      if (!Object.keys(entries).some((path) => /\/\.journal-[^/]*$/.test(path))) return entries;
    }
  }

  /** Contents of the state directory's files by their path in it, without locks and what is not a file. */
  async state(): Promise<Record<string, string>> {
    const entries = Object.entries(await this.tree(this.stateDirectory));
    return Object.fromEntries(
      entries
        .filter(([path, entry]) => entry.kind === 'file' && !/\/lock-[^/]*$/.test(path))
        .map(([path, entry]) => [path.slice(this.stateDirectory.length + 1), entry.content ?? '']),
    );
  }

  async writeFile(path: string, content: string, mode = 0o644): Promise<void> {
    const request = { path, mode, content: Buffer.from(content).toString('base64') };
    await this.agent.ask('writeFile', request, z.unknown());
  }

  /** Ends every process of the test host and removes what it made. */
  async destroy(): Promise<void> {
    await this.agent.end();
  }

  private async attachBehindWire(
    role: string,
    device: string,
    vlan: Vlan,
    options: EndpointOptions,
  ): Promise<Endpoint> {
    const name = `${role} ${options.addresses[0]}`;
    return Endpoint.create(this.agent, name, options, (namespace) => this.wire.plugIn(device, vlan, namespace));
  }

  private optionList(options: CommandOptions): string[] {
    return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  }

  /** The two options every call ends with. The password is there because a log that shows it would be a failure. */
  private details(options: CommandOptions): string[] {
    const vpc = options['vpc-id'];
    const physical = {
      hosts: '192.0.2.1',
      username: 'root',
      password: 'FAKE-host-password-for-tests',
      'guest.network.device': this.guestDevice,
      'public.network.device': this.publicDevice,
      physicalnetworkname: 'physnet1',
    };
    const id = options['network-id'];
    const network =
      vpc !== undefined
        ? { host: '192.0.2.1', namespace: `cs-vpc-${vpc}`, vpc_id: String(vpc) }
        : id !== undefined
          ? { host: '192.0.2.1', namespace: `cs-net-${id}` }
          : {};
    return [
      '--physical-network-extension-details',
      JSON.stringify(physical),
      '--network-extension-details',
      JSON.stringify(network),
    ];
  }
}
