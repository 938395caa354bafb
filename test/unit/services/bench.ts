import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConnectionCount } from '../../../src/services/connection-count.js';
import { Gate } from '../../../src/services/gate.js';
import { GuestServer } from '../../../src/services/guest-server.js';
import { defaultLimits, type Limits } from '../../../src/services/limits.js';
import { answerMetadata } from '../../../src/services/metadata/metadata-responder.js';
import { Pace } from '../../../src/services/pace.js';
import { answerPassword } from '../../../src/services/password/password-responder.js';
import type { ServedPlace } from '../../../src/services/served-place.js';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** However it ends: a connection that is cut says so by an error first. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Both servers on loopback, for a state directory of their own. Every connection counts as the guest's that `guest` names. */
export class ServiceBench {
  readonly root = mkdtempSync(join(tmpdir(), 'csn-services-'));
  readonly reports: string[] = [];
  readonly forgotten: string[] = [];
  readonly count: ConnectionCount;
  guest = '10.1.1.10';
  readonly place: ServedPlace = {
    extension: 'test',
    root: this.root,
    id: { kind: 'network', id: '5' },
    namespace: 'cs-net-5',
    identity: { device: 1, inode: 1 },
    networks: [{ id: '5', address: '10.1.1.1', cidr: { address: '10.1.1.0', prefix: 24 } }],
  };
  readonly #sockets = new Set<Socket>();
  readonly #listeners: Server[] = [];
  readonly #ports = { metadata: 0, password: 0 };

  private constructor(limits: Limits) {
    this.count = new ConnectionCount(limits);
  }

  static async open(changed: Partial<Limits> = {}): Promise<ServiceBench> {
    const limits = { ...defaultLimits, ...changed };
    const bench = new ServiceBench(limits);
    const gate = new Gate(2);
    const shared = {
      limits,
      count: bench.count,
      pace: new Pace(limits),
      settled: async () => undefined,
      report: (line: string) => void bench.reports.push(line),
    };
    const forget = async ({ address }: { readonly address: string }) => void bench.forgotten.push(address);
    await bench.#listen('metadata', new GuestServer((request, guest) => answerMetadata(request, guest, gate), shared));
    await bench.#listen(
      'password',
      new GuestServer((request, guest) => answerPassword(request, guest, gate, forget), shared),
    );
    return bench;
  }

  /** Writes a file of the network's directory. */
  write(path: string, content: string | Uint8Array): void {
    const file = join(this.root, 'network-5', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, 0o600);
  }

  /** A connection on which nothing has been said. */
  async connect(service: 'metadata' | 'password' = 'metadata'): Promise<Socket> {
    const socket = connect(this.#ports[service], '127.0.0.1');
    socket.on('error', () => undefined);
    this.#sockets.add(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** Sends text as it is and reads until the end. */
  async raw(text: string, service: 'metadata' | 'password' = 'metadata'): Promise<string> {
    const socket = await this.connect(service);
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.write(text);
    await closed(socket);
    return Buffer.concat(pieces).toString('latin1');
  }

  /** One request on a connection of its own; bytes of the body are characters. */
  async get(
    target: string,
    headers: Readonly<Record<string, string>> = {},
    { method = 'GET', service = 'metadata' as 'metadata' | 'password' } = {},
  ): Promise<RawAnswer> {
    const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
    const text = await this.raw(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, service);
    const end = text.indexOf('\r\n\r\n');
    const [status = '', ...fields] = text.slice(0, end).split('\r\n');
    return {
      status: Number(status.split(' ')[1]),
      headers: Object.fromEntries(
        fields.map((field) => [
          field.slice(0, field.indexOf(':')).toLowerCase(),
          field.slice(field.indexOf(':') + 1).trim(),
        ]),
      ),
      body: text.slice(end + 4),
    };
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const listener of this.#listeners) listener.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  async #listen(service: 'metadata' | 'password', server: GuestServer): Promise<void> {
    const listener = createServer((socket) => {
      const [network] = this.place.networks;
      if (network !== undefined) server.take(socket, { place: this.place, network, address: this.guest });
    });
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    this.#ports[service] = (listener.address() as AddressInfo).port;
    this.#listeners.push(listener);
  }
}
