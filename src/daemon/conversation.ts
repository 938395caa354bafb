import type { Socket } from 'node:net';
import type { Invocation } from '../contract/invocation.js';
import { type BatchAnswers, converseInBatch } from './batch-conversation.js';
import { batchMagic, encodeFrame } from './batch-wire.js';
import { failure } from './failure.js';
import type { CommandResult } from './handler.js';
import { descriptorOf, type PeerCredentialsReader } from './peer.js';
import { encodeReply, RequestReader } from './wire.js';

/** What a conversation needs to know of the daemon it belongs to. */
export interface ConversationOptions extends BatchAnswers {
  readonly peerCredentials: PeerCredentialsReader;
  /** The only user that is served. */
  readonly uid: number;
  /** Milliseconds a client may be silent while it sends its request. */
  readonly requestDeadline: number;
}

/** One connection: one request and one reply, or a batch of them. */
export class Conversation {
  /** Settles when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #reader = new RequestReader();
  readonly #options: ConversationOptions;
  readonly #stopping = new AbortController();
  #work: Promise<void> | undefined;
  #start = Buffer.alloc(0);

  constructor(socket: Socket, options: ConversationOptions) {
    this.#socket = socket;
    this.#options = options;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    // A client that was killed is no event: its command is finished all the same, and nobody waits for the reply.
    socket.on('error', () => socket.destroy());
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      this.#reply(failure(new Error(refusal)));
      return;
    }
    socket.setTimeout(options.requestDeadline, () => {
      if (this.#work === undefined) socket.destroy();
    });
    socket.on('data', (piece: Buffer) => this.#receive(piece));
    socket.on('end', () => {
      // Without this the half-open connection of a client that died while sending would stay.
      if (this.#work === undefined) socket.destroy();
    });
  }

  /**
   * Ends a conversation whose request is not complete: the client notices that nothing was begun and tries again. Of a batch nothing more is
   * begun.
   */
  abandonUnlessWorking(): void {
    if (this.#work === undefined) this.#socket.destroy();
    this.#stopping.abort();
  }

  /** Settles when the command, if there is one, has ended; its reply may still be on its way. */
  async workDone(): Promise<void> {
    await this.#work;
  }

  /** Cuts the connection, whatever state it is in. */
  destroy(): void {
    this.#socket.destroy();
  }

  #refusal(): string | undefined {
    const descriptor = descriptorOf(this.#socket);
    if (descriptor === undefined) return 'the daemon cannot tell who is calling; nothing was changed';
    try {
      const { uid } = this.#options.peerCredentials(descriptor);
      if (uid === this.#options.uid) return undefined;
      return `user ${uid} may not give commands, only user ${this.#options.uid} may; nothing was changed`;
    } catch {
      return 'the kernel does not say who is calling; nothing was changed';
    }
  }

  #receive(piece: Buffer): void {
    if (this.#work !== undefined) {
      this.#socket.destroy();
      return;
    }
    if (this.#start.length < batchMagic.length) {
      this.#start = Buffer.concat([this.#start, piece]);
      if (this.#start.subarray(0, batchMagic.length).equals(batchMagic)) {
        this.#work = this.#carryOutBatch(this.#start.subarray(batchMagic.length));
        return;
      }
    }
    try {
      const invocation = this.#reader.push(piece);
      if (invocation !== undefined) this.#work = this.#carryOut(invocation);
    } catch (error) {
      this.#socket.removeAllListeners('data').resume();
      this.#reply(failure(error));
    }
  }

  #carryOut(invocation: Invocation): Promise<void> {
    return new Promise((resolve) => {
      this.#options.answer(invocation, (result) => {
        this.#reply(result);
        resolve();
      });
    });
  }

  async #carryOutBatch(first: Buffer): Promise<void> {
    this.#socket.removeAllListeners('data');
    try {
      await converseInBatch(this.#socket, first, this.#options, this.#stopping.signal);
    } catch (error) {
      // About the batch as a whole.
      if (!this.#socket.destroyed) this.#socket.write(encodeFrame([[0, 1, '', '', failure(error).stderr]]));
    }
    this.#socket.destroySoon();
  }

  #reply(result: CommandResult): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(encodeReply(result));
    // Not end(): a refused client's request is never read, and such a connection would stay half open.
    this.#socket.destroySoon();
  }
}
