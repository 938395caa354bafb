import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './answer.js';
import type { ConnectionCount } from './connection-count.js';
import { Deadline } from './deadline.js';
import type { Limits } from './limits.js';
import type { Pace } from './pace.js';
import type { Guest, ServedPlace } from './served-place.js';

/** Answers one request of a guest. */
export type Responder = (request: IncomingMessage, guest: Guest) => Promise<Answer>;

/** What all guest servers of a daemon have in common. */
export interface GuestServerOptions {
  readonly limits: Limits;
  readonly count: ConnectionCount;
  readonly pace: Pace;
  /** Has all that the guests of a place are told in the files. @throws StateError */
  readonly settled: (place: ServedPlace) => Promise<void>;
  /** Told about what goes wrong but is no guest's doing. */
  readonly report: (line: string) => void;
}

interface Connection {
  readonly guest: Guest;
  readonly deadline: Deadline;
  requests: number;
}

/**
 * HTTP for the guests of all networks. It listens nowhere itself: connections come from the listening sockets of many namespaces, so that a
 * network costs sockets and not servers. Node enforces its own time limits only on a server that listens; here each connection has a
 * deadline instead.
 */
export class GuestServer {
  readonly #server: Server;
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #open = new Map<Socket, Guest>();

  constructor(
    private readonly respond: Responder,
    private readonly options: GuestServerOptions,
  ) {
    const { limits } = options;
    this.#server = createServer(
      {
        maxHeaderSize: limits.headerSize,
        keepAliveTimeout: limits.requestTime,
        // What a guest writes by hand, or an old client, does not always have it; and it decides nothing.
        requireHostHeader: false,
        noDelay: true,
      },
      (request, response) => void this.#answer(request, response),
    );
  }

  /** Serves a connection of a guest, or ends it if there are too many. */
  take(socket: Socket, guest: Guest): void {
    const { limits, count } = this.options;
    const leave = count.enter(guest);
    if (leave === undefined) {
      socket.destroy();
      return;
    }
    const deadline = new Deadline(limits.connectionTime, () => socket.destroy());
    deadline.set(limits.requestTime);
    this.#connections.set(socket, { guest, deadline, requests: 0 });
    this.#open.set(socket, guest);
    socket.once('close', () => {
      leave();
      deadline.clear();
      this.#open.delete(socket);
    });
    this.#server.emit('connection', socket);
  }

  /** Cuts the connections of guests for which `isGone` holds. */
  cut(isGone: (guest: Guest) => boolean): void {
    for (const [socket, guest] of this.#open) if (isGone(guest)) socket.destroy();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = this.#connections.get(request.socket);
    if (connection === undefined) return;
    connection.requests++;
    const { guest, deadline } = connection;
    const { limits, pace, settled, report } = this.options;
    // Sent ahead of the last answer; Node's own limit would leave such a connection open.
    if (connection.requests > limits.requestsPerConnection) return;
    if (connection.requests === limits.requestsPerConnection) response.setHeader('Connection', 'close');
    deadline.set(limits.answerTime);
    response.once('close', () => {
      if (!request.socket.destroyed) deadline.set(limits.requestTime);
    });
    try {
      const wait = pace.wait(`${guest.place.root} ${guest.network.id} ${guest.address}`, performance.now());
      if (wait > 0) await sleep(wait, undefined, { ref: false });
      await settled(guest.place);
      await send(response, request, await this.respond(request, guest));
    } catch (error) {
      // A guest that has gone away is no event.
      if (!request.socket.destroyed) report(`a guest of ${guest.place.namespace} was not answered: ${wordsOf(error)}`);
      if (response.headersSent) request.socket.destroy();
      else response.writeHead(500, { Connection: 'close' }).end();
    }
  }
}

async function send(
  response: ServerResponse,
  request: IncomingMessage,
  { status, headers = {}, body = '' }: Answer,
): Promise<void> {
  if (request.socket.destroyed) {
    if (body instanceof Readable) body.destroy();
    return;
  }
  // Nothing that guests send along is wanted, so it is not waited for either.
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  response.writeHead(status, { ...headers, ...(hasBody ? { Connection: 'close' } : {}) });
  if (request.method === 'HEAD' || !(body instanceof Readable)) {
    if (body instanceof Readable) body.destroy();
    response.end(request.method === 'HEAD' || body instanceof Readable ? undefined : body);
    return;
  }
  await pipeline(body, response);
}

/** The system's name of an error only: its words can hold a path with a guest's address, which is enough, never contents. */
function wordsOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return code ?? (error instanceof Error ? error.message : String(error));
}
