/**
 * What nf_tables does with a packet, for tests: the instructions our rules are made of, carried out on registers as the kernel does
 * (net/netfilter/nf_tables_core.c). It works on the bytes of a simulated ruleset and knows nothing of firewalls and networks.
 */

import { ipv6Digits } from './policy-oracle.js';
import {
  partsOf,
  type SimulatedExpression,
  type SimulatedSet,
  type SimulatedTable,
  type SimulatedVerdict,
} from './simulated-ruleset.js';

/** The first packet of a connection, or one of those that follow it. */
export interface TestPacket {
  readonly iif: string;
  /** Once it is routed. */
  readonly oif?: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** First bytes of the transport header. */
  readonly transport: Uint8Array;
  readonly state: 'new' | 'established' | 'related';
  /** Whether the connection has another destination than its first packet. */
  readonly isTranslated?: boolean;
}

export type Hook = 'prerouting' | 'forward';

/** Bits of `ct state` and `ct status` (linux/netfilter/nf_conntrack_common.h). */
const stateBits = { established: 2, related: 4, new: 8 } as const;
const translatedBit = 0x20;

/** The packet behind all chains of a hook, perhaps with another destination; undefined when one of them drops it. */
export function traverse(table: SimulatedTable, hook: Hook, packet: TestPacket): TestPacket | undefined {
  const chains = [...table.chains].filter(([, chain]) => chain.hook?.name === hook);
  chains.sort(([, one], [, other]) => (one.hook?.priority ?? 0) - (other.hook?.priority ?? 0));
  let current = packet;
  for (const [name, { hook: place, policy }] of chains) {
    // Translation is decided once for a connection.
    if (place?.type === 'nat' && packet.state !== 'new') continue;
    const evaluation = new Evaluation(table, current);
    const verdict = evaluation.chain(name, 0) ?? policy;
    if (verdict === 'drop') return undefined;
    current = evaluation.packet;
  }
  return current;
}

type Decision = 'accept' | 'drop';

/** What a rule comes to: a verdict, or nothing when it does not fit or says nothing. */
type Outcome = SimulatedVerdict | undefined;

interface Instruction {
  readonly source?: number;
  readonly destination?: number;
  readonly base?: string;
  readonly offset?: number;
  readonly length?: number;
  readonly key?: string;
  readonly operator?: string;
  readonly flags?: number;
  readonly data?: { readonly value?: Uint8Array; readonly verdict?: SimulatedVerdict };
  readonly from?: { readonly value: Uint8Array };
  readonly to?: { readonly value: Uint8Array };
  readonly mask?: { readonly value: Uint8Array };
  readonly xor?: { readonly value: Uint8Array };
  readonly set?: string;
  readonly type?: string;
  readonly addressMin?: number;
  readonly portMin?: number;
}

/** Deeper than any jump of ours. */
const mostJumps = 16;

class Evaluation {
  packet: TestPacket;
  #registers = new Registers();

  constructor(
    readonly table: SimulatedTable,
    packet: TestPacket,
  ) {
    this.packet = packet;
  }

  /** Undefined when the end of the chain is reached. */
  chain(name: string, depth: number): Decision | undefined {
    if (depth > mostJumps) throw new Error(`${name}: more than ${mostJumps} jumps`);
    const chain = this.table.chains.get(name);
    if (chain === undefined) throw new Error(`no chain ${name}`);
    for (const { expressions } of chain.rules) {
      const outcome = this.#rule(expressions);
      switch (outcome?.code) {
        case 'accept':
        case 'drop':
          return outcome.code;
        case 'return':
          return undefined;
        case 'jump': {
          const decision = this.chain(outcome.chain ?? '', depth + 1);
          if (decision !== undefined) return decision;
          break;
        }
        case 'goto':
          return this.chain(outcome.chain ?? '', depth + 1);
        default:
      }
    }
    return undefined;
  }

  #rule(expressions: readonly SimulatedExpression[]): Outcome {
    // The kernel refuses rules that read what they have not written.
    this.#registers = new Registers();
    for (const { name, data } of expressions) {
      const result = this.#instruction(name, (data ?? {}) as Instruction);
      if (result === false) return undefined;
      if (result !== true) return result;
    }
    return undefined;
  }

  /** True: go on; false: the rule does not fit; else the verdict. */
  #instruction(name: string, instruction: Instruction): boolean | SimulatedVerdict {
    const { source = 1, destination = 1, data, length = 0 } = instruction;
    switch (name) {
      case 'counter':
      case 'objref':
        return true;
      case 'meta':
        return this.#load(destination, this.#meta(instruction.key));
      case 'ct':
        return this.#load(destination, this.#connection(instruction.key));
      case 'payload':
        return this.#load(destination, this.#payload(instruction));
      case 'immediate':
        if (destination === 0) return data?.verdict ?? fail('immediate without a verdict');
        return this.#load(destination, data?.value);
      case 'bitwise': {
        const mask = instruction.mask?.value ?? fail('bitwise without a mask');
        const xor = instruction.xor?.value ?? fail('bitwise without xor');
        const bytes = this.#registers.read(source, length);
        return this.#load(
          destination,
          bytes.map((byte, index) => (byte & (mask[index] ?? 0)) ^ (xor[index] ?? 0)),
        );
      }
      case 'cmp': {
        const value = data?.value ?? fail('cmp without a value');
        const order = Buffer.compare(this.#registers.read(source, value.length), value);
        return compares(instruction.operator, order);
      }
      case 'range': {
        const from = instruction.from?.value ?? fail('range without a start');
        const to = instruction.to?.value ?? fail('range without an end');
        const bytes = this.#registers.read(source, from.length);
        const isIn = Buffer.compare(bytes, from) >= 0 && Buffer.compare(bytes, to) <= 0;
        return isIn === (instruction.operator === 'eq');
      }
      case 'lookup':
        return this.#lookup(instruction, source);
      case 'nat':
        return this.#translate(instruction);
      case 'reject':
        return { code: 'drop' };
      default:
        return fail(`${name} is not carried out here`);
    }
  }

  #load(register: number, bytes: Uint8Array | undefined): boolean {
    if (bytes === undefined) return false;
    this.#registers.write(register, bytes);
    return true;
  }

  #meta(key: string | undefined): Uint8Array | undefined {
    switch (key) {
      case 'l4proto':
        return Uint8Array.of(this.packet.protocol);
      case 'iifname':
        return nameBytes(this.packet.iif);
      case 'oifname':
        return this.packet.oif === undefined ? undefined : nameBytes(this.packet.oif);
      default:
        return fail(`meta ${key} is not known here`);
    }
  }

  #connection(key: string | undefined): Uint8Array {
    const bits =
      key === 'state'
        ? stateBits[this.packet.state]
        : key === 'status'
          ? this.packet.isTranslated === true
            ? translatedBit
            : 0
          : fail(`ct ${key} is not known here`);
    return Uint8Array.of(bits, 0, 0, 0);
  }

  #payload({ base, offset = 0, length = 0 }: Instruction): Uint8Array | undefined {
    const header =
      base === 'transport' ? this.packet.transport : base === 'network' ? networkHeader(this.packet) : fail('');
    // What is behind the end of the packet fits nothing.
    return offset + length > header.length ? undefined : header.slice(offset, offset + length);
  }

  #lookup({ set: name = '', destination, flags = 0 }: Instruction, source: number): boolean | SimulatedVerdict {
    const set = this.table.sets.get(name) ?? fail(`no set ${name}`);
    const found = find(set, this.#registers.read(source, set.keyLength));
    if ((flags & 1) !== 0) return found === undefined;
    if (found === undefined) return false;
    if (destination === undefined) return true;
    if (destination === 0) return found.verdict ?? fail(`map ${name} leads to no verdict`);
    return this.#load(destination, Buffer.from(found.data, 'hex'));
  }

  #translate({ type, addressMin, portMin }: Instruction): SimulatedVerdict {
    if (type !== 'dnat') return fail(`nat ${type} is not carried out here`);
    const transport = this.packet.transport.slice();
    if (portMin !== undefined) transport.set(this.#registers.read(portMin, 2), 2);
    const destination =
      addressMin === undefined ? this.packet.destination : [...this.#registers.read(addressMin, 4)].join('.');
    this.packet = { ...this.packet, destination, transport, isTranslated: true };
    return { code: 'accept' };
  }
}

/** The kernel's registers: 64 bytes that are seen as 4 of 16 and as 16 of 4. */
class Registers {
  readonly #bytes = new Uint8Array(64);
  readonly #written = new Uint8Array(64);

  read(register: number, length: number): Uint8Array {
    const start = place(register);
    if (this.#written.subarray(start, start + length).includes(0)) fail(`register ${register} is read but not written`);
    return this.#bytes.slice(start, start + length);
  }

  /** The rest of the last word becomes zero. */
  write(register: number, bytes: Uint8Array): void {
    const start = place(register);
    const end = start + ((bytes.length + 3) & ~3);
    if (end > 64) fail(`register ${register} is too short`);
    this.#bytes.fill(0, start, end).set(bytes, start);
    this.#written.fill(1, start, end);
  }
}

function place(register: number): number {
  if (register >= 1 && register <= 4) return (register - 1) * 16;
  return register >= 8 && register <= 23 ? (register - 8) * 4 : fail(`no register ${register}`);
}

function compares(operator: string | undefined, order: number): boolean {
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'neq':
      return order !== 0;
    default:
      return fail(`cmp ${operator} is not carried out here`);
  }
}

/** The element whose key or interval holds the key. */
function find(set: SimulatedSet, bytes: Uint8Array) {
  const key = Buffer.from(bytes).toString('hex');
  if (!set.isInterval) return set.elements.get(`${key}-${key}`);
  // Intervals of a concatenation are compared field by field.
  const parts = partsOf(set.fields, key);
  return [...set.elements.values()].find(({ first, last }) =>
    parts.every(([start, end]) => {
      const part = (text: string) => text.slice(start, end);
      return part(first) <= part(key) && part(key) <= part(last);
    }),
  );
}

function nameBytes(name: string): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, index) => name.charCodeAt(index) || 0);
}

/** Header of IPv4 without options (RFC 791), or of IPv6 without extensions (RFC 8200). */
function networkHeader({ protocol, source, destination }: TestPacket): Uint8Array {
  if (source.includes(':')) {
    const header = new Uint8Array(40);
    header[0] = 0x60;
    header[6] = protocol;
    header.set(Buffer.from(ipv6Digits(source), 'hex'), 8);
    header.set(Buffer.from(ipv6Digits(destination), 'hex'), 24);
    return header;
  }
  const header = new Uint8Array(20);
  header[0] = 0x45;
  header[9] = protocol;
  header.set(source.split('.').map(Number), 12);
  header.set(destination.split('.').map(Number), 16);
  return header;
}

function fail(reason: string): never {
  throw new Error(reason);
}
