import { describe, expect, it } from 'vitest';
import { native, type Operation } from '../../../src/kernel/native.js';
import { NLM_F_CREATE, NLM_F_EXCL, openSocket, run, scratchNamespace } from './scratch.js';
import { elements, newMap, newTable } from './table.js';

const done = { errors: [], unknownOutcome: false, overrun: false };

describe('a transaction', () => {
  it('is carried out whole', async () => {
    const name = await scratchNamespace();
    const socket = await openSocket('netfilter', name);
    const operations = [newTable('t'), newMap('t', 'm'), elements('nft.element.new', 't', 'm', 1, 1)];
    const result = await socket.batch(operations, { nftables: true, timeout: 1000 });
    expect(result).toMatchObject(done);
    expect(result.kernelNanoseconds).toBeGreaterThan(0);
    expect(run(['nft', 'list', 'ruleset'], name)).toContain('0.0.0.1 : 0.0.0.1');
  });

  it('names every operation that is bad, and does nothing', async () => {
    const name = await scratchNamespace();
    const socket = await openSocket('netfilter', name);
    const operations = [
      newTable('t'),
      elements('nft.element.new', 't', 'missing', 1, 1),
      newMap('t', 'm'),
      elements('nft.element.new', 'none', 'm', 1, 1),
    ];
    const result = await socket.batch(operations, { nftables: true, timeout: 1000 });
    expect(result.errors).toMatchObject([
      { operation: 1, code: 'ENOENT', errno: 2, attribute: 'set' },
      { operation: 3, code: 'ENOENT', errno: 2, attribute: 'table' },
    ]);
    expect(result.unknownOutcome).toBe(false);
    expect(run(['nft', 'list', 'ruleset'], name)).toBe('');
    expect(await socket.batch([newTable('t')], { nftables: true, timeout: 1000 })).toMatchObject(done);
  });

  it('holds only for the generation it is given', async () => {
    const socket = await openSocket('netfilter', await scratchNamespace());
    const options = { nftables: true, timeout: 1000, generation: 4711 };
    const result = await socket.batch([newTable('t')], options);
    expect(result.errors).toMatchObject([{ operation: -1, code: 'ERESTART' }]);
    expect(result.unknownOutcome).toBe(false);
  });

  it('echoes what was created', async () => {
    const socket = await openSocket('netfilter', await scratchNamespace());
    const result = await socket.batch([newTable('t'), newMap('t', 'm')], { nftables: true, echo: true, timeout: 1000 });
    expect(result.replies.slice(0, 2)).toMatchObject([
      { operation: 0, message: 'nft.table.new', body: { name: 't' } },
      { operation: 1, message: 'nft.set.new', body: { name: 'm' } },
    ]);
  });

  it('takes 5,000 messages in one send', async () => {
    const name = await scratchNamespace();
    const socket = await openSocket('netfilter', name);
    const one = (index: number) => elements('nft.element.new', 't', 'm', index, 1);
    const many = Array.from({ length: 5000 }, (_, index) => one(index));
    const operations = [newTable('t'), newMap('t', 'm'), ...many];
    expect(native.encode(operations, { nftables: true }).length).toBeGreaterThan(212_960);
    expect(await socket.batch(operations, { nftables: true, timeout: 10_000 })).toMatchObject(done);
    const dumped = await socket.dump({ message: 'nft.element.get', body: { family: 'ip', table: 't', set: 'm' } }, {});
    expect(dumped.length).toBeGreaterThan(1);
  });

  it('reports 5,000 bad messages', async () => {
    const socket = await openSocket('netfilter', await scratchNamespace());
    const operations = Array.from({ length: 5000 }, () => elements('nft.element.new', 'none', 'm', 1, 1));
    const result = await socket.batch(operations, { nftables: true, timeout: 10_000 });
    expect(result.overrun).toBe(false);
    expect(result.errors.map((error) => error.operation)).toEqual(operations.map((_, index) => index));
  });

  it('does not wait for ever for an answer that never comes', async () => {
    const socket = await openSocket('netfilter', await scratchNamespace());
    // Without NLM_F_ACK success is silence.
    const bytes = native.encode([newTable('t')], { nftables: true, acknowledge: false });
    const start = performance.now();
    await expect(socket.transmit(bytes, { timeout: 100 })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      unknownOutcome: true,
    });
    expect(performance.now() - start).toBeGreaterThan(95);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(await socket.batch([newTable('u')], { nftables: true, timeout: 1000 })).toMatchObject(done);
  });

  it('is not sent without its end', async () => {
    const name = await scratchNamespace();
    const socket = await openSocket('netfilter', name);
    const bytes = native.encode([newTable('t')], { nftables: true });
    expect(() => socket.transmit(bytes.subarray(0, -20), {})).toThrow(TypeError);
    expect(() => socket.transmit(bytes.subarray(0, -4), {})).toThrow(TypeError);
    expect(await socket.transmit(bytes, {})).toMatchObject(done);
    expect(run(['nft', 'list', 'tables'], name)).toBe('table ip t\n');
  });

  it('keeps the order of calls that do not wait for each other', async () => {
    const name = await scratchNamespace();
    const socket = await openSocket('netfilter', name);
    const results = [socket.batch([newTable('t'), newMap('t', 'm')], { nftables: true })];
    for (let index = 0; index < 200; index += 1) {
      results.push(socket.batch([elements('nft.element.new', 't', 'm', index, 1)], { nftables: true }));
    }
    for (let index = 0; index < 200; index += 1) {
      results.push(socket.batch([elements('nft.element.delete', 't', 'm', index, 1)], { nftables: true }));
    }
    for (const result of await Promise.all(results)) expect(result).toMatchObject(done);
  });

  it('is nothing when it is empty', async () => {
    const socket = await openSocket('netfilter', await scratchNamespace());
    expect(await socket.batch([], { nftables: true })).toMatchObject({ ...done, replies: [] });
  });
});

describe('a batch of rtnetlink requests', () => {
  const bridge = (name: string): Operation => ({
    message: 'link.new',
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: { name, info: { kind: 'bridge' } },
  });

  it('goes on after one that fails', async () => {
    const socket = await openSocket('route', await scratchNamespace());
    const result = await socket.batch([bridge('a'), bridge('a'), bridge('b')], { timeout: 5000 });
    expect(result.errors).toMatchObject([{ operation: 1, code: 'EEXIST' }]);
    const links = await socket.dump({ message: 'link.get', body: {} }, {});
    expect(links.map((link) => link.body.name)).toEqual(['lo', 'a', 'b']);
  });

  it('points at the attribute the kernel dislikes', async () => {
    const socket = await openSocket('route', await scratchNamespace());
    const wrong = { message: 'link.new', flags: NLM_F_CREATE, body: { name: 'v', info: { kind: 'no-such-kind' } } };
    const result = await socket.batch([bridge('a'), wrong], { timeout: 5000 });
    expect(result.errors).toMatchObject([{ operation: 1, code: 'EOPNOTSUPP', text: 'Unknown device type' }]);
  });

  it('answers get requests', async () => {
    const socket = await openSocket('route', await scratchNamespace());
    const found = await socket.get({ message: 'link.get', body: { name: 'lo' } }, { timeout: 1000 });
    expect(found).toMatchObject({ ...done, replies: [{ message: 'link.new', operation: 0, body: { index: 1 } }] });
    const missing = await socket.get({ message: 'link.get', body: { name: 'none' } }, { timeout: 1000 });
    expect(missing).toMatchObject({ errors: [{ operation: 0, code: 'ENODEV' }], replies: [] });
  });
});

describe('encoding', () => {
  it('is refused before anything is sent', async () => {
    const name = await scratchNamespace();
    const socket = await openSocket('netfilter', name);
    const bad = { message: 'nft.table.new', flags: NLM_F_CREATE, body: { family: 'ip', name: 7 } };
    expect(() => socket.batch([newTable('t'), bad], { nftables: true })).toThrow(
      expect.objectContaining({ code: 'ERR_NETLINK_ENCODE', operation: 1, path: 'name' }),
    );
    expect(() => socket.batch([{ message: 'no.such', body: {} }], {})).toThrow(/unknown message 'no.such'/);
    expect(() => socket.batch([{ message: 'x'.repeat(200), body: {} }], {})).toThrow(/unknown message/);
    expect(() => socket.batch({} as Operation[], {})).toThrow(TypeError);
    expect(() => socket.batch([newTable('t')], { timeout: -1 })).toThrow(TypeError);
    expect(run(['nft', 'list', 'ruleset'], name)).toBe('');
  });

  it('lets the exception of a getter through', async () => {
    const socket = await openSocket('netfilter', await scratchNamespace());
    const body = {
      family: 'ip',
      get name(): string {
        throw new RangeError('mine');
      },
    };
    expect(() => socket.batch([{ message: 'nft.table.new', body }], {})).toThrow(RangeError);
    expect(await socket.batch([newTable('t')], { nftables: true })).toMatchObject(done);
  });

  it('shows the bytes, which decode to the same', () => {
    const bytes = native.encode([newTable('t')], { nftables: true, sequence: 7 });
    expect(native.decode(bytes)).toMatchObject([
      { message: 'batch.begin', type: 0x10, sequence: 7 },
      { message: 'nft.table.new', sequence: 8, flags: NLM_F_CREATE | 5, body: { family: 'ip', name: 't' } },
      { message: 'batch.end', type: 0x11, sequence: 9 },
    ]);
    expect(native.decode(bytes.subarray(0, 30))).toHaveLength(1);
  });
});
