import type { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';

/** The kernel refused an operation of a simulated transaction. */
export class SimulatedRefusal extends Error {
  override readonly name = 'SimulatedRefusal';
  constructor(
    readonly code: 'ENOENT' | 'EEXIST' | 'EBUSY' | 'EINVAL',
    what: string,
  ) {
    super(`${code}: ${what}`);
  }
}

export interface SimulatedSet {
  /** Flags, type and length of the keys, type of the data: a set of that name that exists must have the same. */
  readonly form: string;
  /** Bytes. */
  readonly keyLength: number;
  readonly isInterval: boolean;
  /** Digits of each field of a concatenation; of an interval set, where fields are compared one by one. */
  readonly fields: readonly number[] | undefined;
  /** By key, and by the end of the interval where there is one. */
  readonly elements: Map<string, SimulatedElement>;
}
/** Keys and data in hexadecimal. */
export interface SimulatedElement {
  readonly first: string;
  readonly last: string;
  readonly data: string;
  readonly verdict?: SimulatedVerdict;
}
export interface SimulatedVerdict {
  readonly code: 'accept' | 'drop' | 'return' | 'continue' | 'jump' | 'goto';
  readonly chain?: string;
}
export interface SimulatedRule {
  readonly text: string;
  readonly expressions: readonly SimulatedExpression[];
  /** What it refers to. */
  readonly chains: readonly string[];
  readonly sets: readonly string[];
  readonly objects: readonly string[];
}
export interface SimulatedExpression {
  readonly name: string;
  readonly data?: object;
}
export interface SimulatedChain {
  readonly base: string;
  /** Where packets come to it; none of a plain chain. */
  readonly hook: { readonly type: string; readonly name: string; readonly priority: number } | undefined;
  readonly policy: 'accept' | 'drop';
  readonly rules: SimulatedRule[];
}
export interface SimulatedTable {
  readonly sets: Map<string, SimulatedSet>;
  readonly chains: Map<string, SimulatedChain>;
  /** Named counters. */
  readonly objects: Set<string>;
}

interface Body {
  readonly name?: string;
  readonly table?: string;
  readonly chain?: string;
  readonly set?: string;
  readonly flags?: number;
  readonly keyType?: number;
  readonly keyLength?: number;
  readonly dataType?: number;
  readonly family?: string;
  readonly description?: { readonly concatenation?: readonly { readonly length: number }[] };
  readonly hook?: { readonly number: string; readonly priority: number };
  readonly type?: string;
  readonly policy?: string;
  readonly handle?: number;
  readonly expressions?: readonly SimulatedExpression[];
  readonly packed?: {
    readonly keyLength: number;
    readonly keys: Uint8Array;
    readonly keyEnds?: Uint8Array;
    readonly dataLength?: number;
    readonly data?: Uint8Array;
    readonly flags?: Uint8Array;
  };
  readonly elements?: readonly {
    readonly flags?: number;
    readonly key: { readonly value: Uint8Array };
    readonly keyEnd?: { readonly value: Uint8Array };
    readonly data?: { readonly value?: Uint8Array; readonly verdict?: SimulatedVerdict };
  }[];
}

/** NFT_SET_INTERVAL and NFT_SET_CONCAT, NFT_SET_ELEM_INTERVAL_END (linux/netfilter/nf_tables.h). */
const interval = 0x4;
const concat = 0x80;
const intervalEnd = 1;

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const asText = (value: unknown) =>
  JSON.stringify(value, (_, one) => (one instanceof Uint8Array ? `0x${hex(one)}` : one));

/**
 * A ruleset in memory that takes transactions as they would be sent and holds to the kernel's rules: what is deleted must exist, a key
 * cannot get other data, intervals do not overlap, what is referred to stays, and a transaction is all or nothing.
 */
export class SimulatedRuleset {
  #tables = new Map<string, SimulatedTable>();
  generation = 1;

  /** @throws SimulatedRefusal; nothing was done then. */
  run(transaction: NetfilterTransaction): void {
    if (transaction.operations.length === 0) return;
    const before = copyOf(this.#tables);
    try {
      for (const operation of transaction.operations) {
        this.#perform(operation.message, operation.body as Body, `${operation.verb} ${operation.subject}`);
      }
    } catch (error) {
      this.#tables = before;
      throw error;
    }
    this.generation++;
  }

  has(table: string): boolean {
    return this.#tables.has(`ip ${table}`);
  }

  table(name: string, family: 'ip' | 'ip6' = 'ip'): SimulatedTable | undefined {
    return this.#tables.get(`${family} ${name}`);
  }

  /** The whole ruleset as lines; equal for equal rulesets whatever the order things came in. */
  lines(): string[] {
    const lines: string[] = [];
    for (const [table, { sets, chains, objects }] of this.#tables) {
      lines.push(`table ${table}`);
      for (const object of objects) lines.push(`${table} counter ${object}`);
      for (const [set, { form, elements }] of sets) {
        lines.push(`${table} set ${set} ${form}`);
        for (const { first, last, data } of elements.values()) lines.push(`${table} ${set} ${first}-${last} : ${data}`);
      }
      for (const [chain, { base, rules }] of chains) {
        lines.push(`${table} chain ${chain} ${base}`);
        for (const [position, { text }] of rules.entries()) lines.push(`${table} ${chain} #${position} ${text}`);
      }
    }
    return lines.sort();
  }

  #perform(message: string, body: Body, what: string): void {
    const { name = '', family = '' } = body;
    const own = `${family} ${name}`;
    if (message === 'nft.table.new') {
      if (!this.#tables.has(own)) this.#tables.set(own, { sets: new Map(), chains: new Map(), objects: new Set() });
      return;
    }
    if (message === 'nft.table.delete') {
      if (!this.#tables.delete(own)) throw new SimulatedRefusal('ENOENT', what);
      return;
    }
    const table = this.#tables.get(`${family} ${body.table ?? ''}`);
    if (table === undefined) throw new SimulatedRefusal('ENOENT', what);
    const chainOf = (chain = ''): SimulatedChain => {
      const found = table.chains.get(chain);
      if (found === undefined) throw new SimulatedRefusal('ENOENT', `${what}: chain ${chain}`);
      return found;
    };
    const setOf = (set = ''): SimulatedSet => {
      const found = table.sets.get(set);
      if (found === undefined) throw new SimulatedRefusal('ENOENT', `${what}: set ${set}`);
      return found;
    };
    switch (message) {
      case 'nft.chain.new':
        if (!table.chains.has(name)) {
          const base = body.hook === undefined ? '' : asText([body.type, body.hook, body.policy]);
          const hook =
            body.hook === undefined
              ? undefined
              : { type: body.type ?? '', name: body.hook.number, priority: body.hook.priority };
          table.chains.set(name, { base, hook, policy: body.policy === 'drop' ? 'drop' : 'accept', rules: [] });
        }
        return;
      case 'nft.chain.delete': {
        chainOf(name);
        // The chain's own rules go with it.
        if (isReferred(table, name)) throw new SimulatedRefusal('EBUSY', what);
        table.chains.delete(name);
        return;
      }
      case 'nft.rule.new': {
        const { rules } = chainOf(body.chain);
        const rule = ruleOf(body);
        for (const set of rule.sets) setOf(set);
        for (const target of rule.chains) chainOf(target);
        for (const object of rule.objects) {
          if (!table.objects.has(object)) throw new SimulatedRefusal('ENOENT', `${what}: object ${object}`);
        }
        rules.push(rule);
        return;
      }
      case 'nft.rule.delete':
        if (body.handle !== undefined) throw new Error('rules are not deleted one by one');
        chainOf(body.chain).rules.length = 0;
        return;
      case 'nft.set.new': {
        const { flags = 0, keyType = 0, keyLength = 0, dataType = '-' } = body;
        const form = `flags ${flags} key ${keyType} of ${keyLength} data ${dataType}`;
        const known = table.sets.get(name);
        if (known !== undefined) {
          if (known.form !== form) throw new SimulatedRefusal('EEXIST', `${what}: has another form`);
          return;
        }
        table.sets.set(name, {
          form,
          keyLength,
          isInterval: (flags & interval) !== 0,
          fields: (flags & concat) === 0 ? undefined : fieldsOf(body),
          elements: new Map(),
        });
        return;
      }
      case 'nft.set.delete':
        setOf(name);
        if (isUsed(table, ({ sets }) => sets.includes(name))) throw new SimulatedRefusal('EBUSY', what);
        table.sets.delete(name);
        return;
      case 'nft.object.new':
        table.objects.add(name);
        return;
      case 'nft.object.delete':
        if (!table.objects.has(name)) throw new SimulatedRefusal('ENOENT', what);
        if (isUsed(table, ({ objects }) => objects.includes(name))) throw new SimulatedRefusal('EBUSY', what);
        table.objects.delete(name);
        return;
      case 'nft.element.new': {
        const set = setOf(body.set);
        for (const element of elementsOf(set, body)) {
          if (element.verdict?.chain !== undefined) chainOf(element.verdict.chain);
          addElement(set, element, what);
        }
        return;
      }
      case 'nft.element.delete': {
        const set = setOf(body.set);
        if (body.packed === undefined && body.elements === undefined) {
          set.elements.clear();
          return;
        }
        for (const { first, last } of elementsOf(set, body)) {
          if (!set.elements.delete(`${first}-${last}`))
            throw new SimulatedRefusal('ENOENT', `${what}: ${first}-${last}`);
        }
        return;
      }
      default:
        throw new Error(`${message} is not simulated`);
    }
  }
}

/** A copy of what transactions change; rules and elements are never changed themselves. */
function copyOf(tables: ReadonlyMap<string, SimulatedTable>): Map<string, SimulatedTable> {
  const each = <T>(map: ReadonlyMap<string, T>, copy: (value: T) => T) =>
    new Map([...map].map(([name, value]) => [name, copy(value)]));
  return each(tables, ({ sets, chains, objects }) => ({
    sets: each(sets, (set) => ({ ...set, elements: new Map(set.elements) })),
    chains: each(chains, (chain) => ({ ...chain, rules: [...chain.rules] })),
    objects: new Set(objects),
  }));
}

/** Whether a rule of any chain is one of those that are asked for. */
function isUsed({ chains }: SimulatedTable, refers: (rule: SimulatedRule) => boolean): boolean {
  return [...chains.values()].some(({ rules }) => rules.some(refers));
}

function isReferred({ sets, chains }: SimulatedTable, name: string): boolean {
  for (const { elements } of sets.values()) {
    for (const { verdict } of elements.values()) if (verdict?.chain === name) return true;
  }
  for (const [own, { rules }] of chains) {
    if (own !== name && rules.some(({ chains: targets }) => targets.includes(name))) return true;
  }
  return false;
}

function ruleOf({ expressions = [] }: Body): SimulatedRule {
  const chains: string[] = [];
  const sets: string[] = [];
  const objects: string[] = [];
  for (const { data } of expressions) {
    const {
      set,
      object,
      data: value,
    } = (data ?? {}) as {
      set?: string;
      object?: string;
      data?: { verdict?: SimulatedVerdict };
    };
    if (set !== undefined) sets.push(set);
    if (object !== undefined) objects.push(object);
    if (value?.verdict?.chain !== undefined) chains.push(value.verdict.chain);
  }
  return { text: asText(expressions), expressions, chains, sets, objects };
}

/** One field less: the last key of an interval from the key behind it. */
function predecessor(key: string): string {
  return (BigInt(`0x${key}`) - 1n).toString(16).padStart(key.length, '0');
}

/** Elements of either form of the message; a plain interval is a start followed by its end. */
function elementsOf(set: SimulatedSet, { packed, elements }: Body): SimulatedElement[] {
  const raw: { key: string; end: string | undefined; data: string; flags: number; verdict?: SimulatedVerdict }[] = [];
  if (packed !== undefined) {
    const { keyLength: width, keys, keyEnds, dataLength = 0, data, flags } = packed;
    for (let index = 0; index < keys.length / width; index++) {
      raw.push({
        key: hex(keys.subarray(index * width, (index + 1) * width)),
        end: keyEnds === undefined ? undefined : hex(keyEnds.subarray(index * width, (index + 1) * width)),
        data: hex(data?.subarray(index * dataLength, (index + 1) * dataLength)),
        flags: flags?.[index] ?? 0,
      });
    }
  }
  for (const { key, keyEnd, data, flags = 0 } of elements ?? []) {
    const verdict = data?.verdict;
    raw.push({
      key: hex(key.value),
      end: keyEnd === undefined ? undefined : hex(keyEnd.value),
      data: verdict === undefined ? hex(data?.value) : asText(verdict),
      flags,
      ...(verdict === undefined ? {} : { verdict }),
    });
  }
  const parsed: SimulatedElement[] = [];
  for (const [index, { key, end, data, flags, verdict }] of raw.entries()) {
    if (flags === intervalEnd) continue;
    const next = raw[index + 1];
    const last = !set.isInterval
      ? key
      : set.fields !== undefined
        ? (end ?? key)
        : next?.flags === intervalEnd
          ? predecessor(next.key)
          : 'f'.repeat(key.length);
    parsed.push({ first: key, last, data, ...(verdict === undefined ? {} : { verdict }) });
  }
  return parsed;
}

function addElement(set: SimulatedSet, element: SimulatedElement, what: string): void {
  const { first, last } = element;
  const id = `${first}-${last}`;
  const same = set.elements.get(id);
  if (same !== undefined) {
    if (same.data !== element.data) throw new SimulatedRefusal('EEXIST', `${what}: ${id} has other data`);
    return;
  }
  if (set.isInterval) {
    for (const other of set.elements.values()) {
      if (overlap(set, other, element))
        throw new SimulatedRefusal('EEXIST', `${what}: ${id} overlaps ${other.first}-${other.last}`);
    }
  }
  set.elements.set(id, element);
}

/** Intervals overlap when all their fields do. */
function overlap({ fields }: SimulatedSet, a: SimulatedElement, b: SimulatedElement): boolean {
  return partsOf(fields, a.first).every(([start, end]) => {
    const part = (key: string) => key.slice(start, end);
    return part(a.last) >= part(b.first) && part(a.first) <= part(b.last);
  });
}

/** Where the fields of a key begin and end. */
export function partsOf(fields: readonly number[] | undefined, key: string): [start: number, end: number][] {
  let place = 0;
  return (fields ?? [key.length]).map((width) => {
    place += width;
    return [place - width, place];
  });
}

/** Fields fill whole words of four bytes. */
function fieldsOf({ description }: Body): number[] {
  return (description?.concatenation ?? []).map(({ length }) => 8 * Math.ceil(length / 4));
}
