import { z } from 'zod';
import type { Agent } from './agent.js';
import { briefly, patience } from './patience.js';

/** What the other end saw of a connection or datagram. */
export const seenSchema = z.object({
  peer: z.string(),
  peerPort: z.number(),
  local: z.string().optional(),
  localPort: z.number(),
});
export type Seen = z.infer<typeof seenSchema>;

/**
 * open: answered by a listener; refused: the far machine answered, nothing listens; blocked: no answer at all;
 * unreachable: an ICMP message or the machine's own routing said no.
 */
export const tcpSchema = z.object({
  result: z.enum(['open', 'refused', 'blocked', 'unreachable']),
  seen: seenSchema.nullish(),
  connection: z.number().optional(),
});
export type TcpResult = z.infer<typeof tcpSchema>;

export const udpSchema = z.object({
  result: z.enum(['open', 'refused', 'blocked', 'unreachable']),
  seen: seenSchema.optional(),
});
export type UdpResult = z.infer<typeof udpSchema>;

export const pingSchema = z.object({ result: z.enum(['answered', 'blocked', 'unreachable']) });
export type PingResult = z.infer<typeof pingSchema>['result'];

const exchangeSchema = z.object({ result: z.enum(['answered', 'silent', 'ended']) });
export type ExchangeResult = z.infer<typeof exchangeSchema>['result'];

/** A listener that greets each peer with the address it sees. */
export class Listener {
  constructor(
    private readonly agent: Agent,
    private readonly id: number,
  ) {}

  /** The source addresses seen until now, in order. */
  async peers(): Promise<string[]> {
    const answer = await this.agent.ask('peers', { listener: this.id }, z.object({ peers: z.array(z.string()) }));
    return answer.peers;
  }

  async close(): Promise<void> {
    await this.agent.ask('close', { handle: this.id }, z.unknown());
  }
}

/** A TCP connection that stays open between calls of the product. */
export class Connection {
  constructor(
    private readonly agent: Agent,
    private readonly id: number,
    readonly seen: Seen,
  ) {}

  /** Sends a token and waits for its echo. */
  async exchange(milliseconds = briefly.timeout): Promise<ExchangeResult> {
    const request = { connection: this.id, timeout: milliseconds };
    return (await this.agent.ask('exchange', request, exchangeSchema)).result;
  }

  async close(): Promise<void> {
    await this.agent.ask('close', { handle: this.id }, z.unknown());
  }
}

const arpSchema = z.object({
  kind: z.literal('arp'),
  outgoing: z.boolean(),
  sourceMac: z.string(),
  destinationMac: z.string(),
  operation: z.enum(['request', 'reply']),
  senderMac: z.string(),
  sender: z.string(),
  target: z.string(),
});
const ipSchema = z.object({
  kind: z.literal('ip'),
  outgoing: z.boolean(),
  sourceMac: z.string(),
  destinationMac: z.string(),
  protocol: z.number(),
  source: z.string(),
  destination: z.string(),
});
const frameSchema = z.discriminatedUnion('kind', [arpSchema, ipSchema]);
export type Frame = z.infer<typeof frameSchema>;
export type ArpFrame = z.infer<typeof arpSchema>;

/** Everything that passed an interface since the watch was opened. */
export class PacketWatch {
  private readonly seen: Frame[] = [];

  constructor(
    private readonly agent: Agent,
    private readonly id: number,
  ) {}

  /** Waits until `enough` says so of the frames seen; returns them, whether it did or the deadline came first. */
  async until(enough: (frames: readonly Frame[]) => boolean, milliseconds: number): Promise<readonly Frame[]> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const left = deadline - Date.now();
      if (enough(this.seen) || left < 0) return this.seen;
      const request = { watch: this.id, after: this.seen.length, timeout: left };
      const answer = await this.agent.ask('frames', request, z.object({ frames: z.array(frameSchema) }));
      this.seen.push(...answer.frames);
    }
  }

  /** The gratuitous ARP messages for an address (sender = target), waiting for at least `count` of them. */
  async announcements(address: string, count: number, milliseconds = patience(1500)): Promise<readonly ArpFrame[]> {
    const matching = (frames: readonly Frame[]): ArpFrame[] =>
      frames
        .filter((frame) => frame.kind === 'arp')
        .filter((frame) => frame.sender === address && frame.target === address);
    return matching(await this.until((frames) => matching(frames).length >= count, milliseconds));
  }

  async close(): Promise<void> {
    await this.agent.ask('close', { handle: this.id }, z.unknown());
  }
}
