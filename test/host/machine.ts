import { z } from 'zod';
import { type Agent, commandEnvironment } from './agent.js';
import { addressSchema, type Link, linkSchema, type Route, routeSchema } from './ip-json.js';
import { CommandFailed, type Outcome, outcomeSchema } from './outcome.js';
import { answerWithin, commandDeadline, patience } from './patience.js';
import {
  Connection,
  Listener,
  PacketWatch,
  type PingResult,
  pingSchema,
  type TcpResult,
  tcpSchema,
  type UdpResult,
  udpSchema,
} from './probes.js';

export interface RunOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Contents of the files that arguments of the same text stand for. */
  readonly files?: Readonly<Record<string, string>>;
  readonly deadline?: number;
}

export interface ProbeOptions {
  /** Source address, where a machine has several. */
  readonly from?: string;
  readonly timeout?: number;
}

/** One network namespace of a test host: the host itself, a namespace of the product, a guest, a machine outside. */
export class Machine {
  constructor(
    protected readonly agent: Agent,
    /** How messages call it. */
    readonly name: string,
    /** Path of its network namespace, valid inside the test host. */
    readonly namespace: string,
  ) {}

  async run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const request = {
      namespace: this.namespace,
      argv,
      input: options.input,
      files: options.files,
      environment: commandEnvironment(options.environment),
      timeout: options.deadline ?? commandDeadline,
    };
    return this.agent.ask('run', request, outcomeSchema);
  }

  /** Sends one line to a program that listens on a unix socket; its answer, one line. */
  async askSocket(path: string, line: string): Promise<string> {
    const request = { path, line, timeout: commandDeadline };
    return (await this.agent.ask('askSocket', request, z.object({ line: z.string() }))).line;
  }

  /** Runs a command that must succeed; its stdout. */
  async output(...argv: readonly string[]): Promise<string> {
    const outcome = await this.run(argv);
    if (outcome.exit !== 0) throw new CommandFailed(argv, outcome);
    return outcome.stdout;
  }

  /** Many `ip` commands in one process. */
  async ipBatch(commands: readonly (readonly string[])[]): Promise<void> {
    await this.feed(['ip', '-batch', '-'], commands.map((words) => `${words.join(' ')}\n`).join(''));
  }

  /** Rules in the language of `nft`. */
  async loadRules(rules: string): Promise<void> {
    await this.feed(['nft', '-f', '-'], rules);
  }

  async links(): Promise<Link[]> {
    return parseList(await this.output('ip', '-j', '-d', 'link', 'show'), linkSchema);
  }

  /** Links, IPv4 addresses and routes with one start of `ip`: a program's start is most of what a look costs. */
  async everything(): Promise<{ links: Link[]; addresses: Record<string, string[]>; routes: Route[] }> {
    const outcome = await this.feed(['ip', '-j', '-d', '-batch', '-'], 'address show\nroute show\n');
    const [links = '', routes = ''] = splitDocuments(outcome.stdout);
    return {
      links: parseList(links, linkSchema),
      addresses: addressesByLink(parseList(links, addressSchema)),
      routes: parseList(routes, routeSchema),
    };
  }

  async link(name: string): Promise<Link | undefined> {
    return (await this.links()).find((link) => link.ifname === name);
  }

  /** IPv4 addresses with prefix, by interface. */
  async addresses(): Promise<Record<string, string[]>> {
    return addressesByLink(parseList(await this.output('ip', '-j', '-4', 'address', 'show'), addressSchema));
  }

  /** IPv4 routes of the main table. */
  async routes(): Promise<Route[]> {
    return parseList(await this.output('ip', '-j', '-4', 'route', 'show'), routeSchema);
  }

  async sysctl(name: string): Promise<string> {
    const request = { namespace: this.namespace, path: `/proc/sys/${name.replaceAll('.', '/')}` };
    const { content } = await this.agent.ask('readFile', request, z.object({ content: z.string() }));
    return content.trim();
  }

  async tcp(to: string, port: number, options: ProbeOptions = {}): Promise<TcpResult> {
    const request = {
      namespace: this.namespace,
      to,
      port,
      from: options.from,
      timeout: options.timeout ?? answerWithin,
    };
    return this.agent.ask('tcpConnect', request, tcpSchema);
  }

  /** A connection that is kept; fails when it cannot be made. */
  async connect(to: string, port: number, options: ProbeOptions = {}): Promise<Connection> {
    const request = {
      namespace: this.namespace,
      to,
      port,
      from: options.from,
      hold: true,
      timeout: options.timeout ?? answerWithin,
    };
    const { result, seen, connection } = await this.agent.ask('tcpConnect', request, tcpSchema);
    if (connection === undefined || !seen) throw new Error(`${this.name}: connection to ${to}:${port} is ${result}`);
    return new Connection(this.agent, connection, seen);
  }

  async udp(to: string, port: number, options: ProbeOptions = {}): Promise<UdpResult> {
    const request = {
      namespace: this.namespace,
      to,
      port,
      from: options.from,
      timeout: options.timeout ?? answerWithin,
    };
    return this.agent.ask('udpAsk', request, udpSchema);
  }

  async ping(to: string, options: ProbeOptions = {}): Promise<PingResult> {
    const request = { namespace: this.namespace, to, from: options.from, timeout: options.timeout ?? answerWithin };
    return (await this.agent.ask('ping', request, pingSchema)).result;
  }

  async listenTcp(port: number, address?: string): Promise<Listener> {
    return this.listen('tcp', port, address);
  }

  async listenUdp(port: number, address?: string): Promise<Listener> {
    return this.listen('udp', port, address);
  }

  async watch(device: string): Promise<PacketWatch> {
    const request = { namespace: this.namespace, device };
    const answer = await this.agent.ask('watch', request, z.object({ watch: z.number() }));
    return new PacketWatch(this.agent, answer.watch);
  }

  /** Asks `condition` until it holds; false when it does not within the deadline. */
  async eventually(condition: () => Promise<boolean>, milliseconds = patience(2000)): Promise<boolean> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      if (await condition()) return true;
      if (Date.now() > deadline) return false;
    }
  }

  private async feed(argv: readonly string[], input: string): Promise<Outcome> {
    const outcome = await this.run(argv, { input });
    if (outcome.exit !== 0) throw new CommandFailed(argv, outcome);
    return outcome;
  }

  private async listen(protocol: 'tcp' | 'udp', port: number, address: string | undefined): Promise<Listener> {
    const request = { namespace: this.namespace, protocol, port, address };
    const answer = await this.agent.ask('listen', request, z.object({ listener: z.number() }));
    return new Listener(this.agent, answer.listener);
  }
}

function addressesByLink(entries: readonly z.infer<typeof addressSchema>[]): Record<string, string[]> {
  const addresses: Record<string, string[]> = {};
  for (const { ifname, addr_info } of entries) {
    const own = addr_info.filter((info) => info.family === 'inet').map((info) => `${info.local}/${info.prefixlen}`);
    if (own.length > 0) addresses[ifname] = own;
  }
  return addresses;
}

/** `ip -j -batch` prints one JSON list per command, each from the start of a line. */
function splitDocuments(text: string): string[] {
  return text.split(/\n(?=\[)/);
}

/** `ip -j` prints nothing instead of [] in some cases, and {} for entries it filtered out. */
function parseList<Item>(text: string, item: z.ZodType<Item>): Item[] {
  const list = z.array(z.unknown()).parse(text.trim() === '' ? [] : JSON.parse(text));
  return list
    .filter((entry) => typeof entry === 'object' && entry !== null && Object.keys(entry).length > 0)
    .map((entry) => item.parse(entry));
}
