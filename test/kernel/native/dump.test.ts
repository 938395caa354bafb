import { describe, expect, it } from 'vitest';
import { NLM_F_CREATE, openSocket, run, scratchNamespace } from './scratch.js';
import { elements, newMap, newTable } from './table.js';

/** Number of elements in the messages of a dump. */
function count(messages: readonly { body: Readonly<Record<string, unknown>> }[]): number {
  return messages.reduce((sum, { body }) => sum + (Array.isArray(body.elements) ? body.elements.length : 0), 0);
}

describe('dump', () => {
  it('says what the kernel has against it', async () => {
    const socket = await openSocket('netfilter', await scratchNamespace());
    const dumped = socket.dump({ message: 'nft.element.get', body: { family: 'ip', table: 't', set: 'm' } }, {});
    await expect(dumped).rejects.toMatchObject({ code: 'ENOENT', attribute: 'table' });
  });

  it('reads what takes many datagrams', async () => {
    // Addresses, not links: taking a namespace with hundreds of links away holds up every other one for seconds (RTNL).
    const name = await scratchNamespace();
    const add =
      'for i in $(seq 0 2999); do echo "address add 10.0.$((i / 256)).$((i % 256))/32 dev lo"; done | ip -batch -';
    run(['sh', '-c', add], name);
    const socket = await openSocket('route', name);
    const addresses = await socket.dump({ message: 'address.get', body: {} }, { timeout: 10_000 });
    const [lo] = JSON.parse(run(['ip', '-j', 'address'], name)) as [{ addr_info: { local: string }[] }];
    expect(addresses.map((address) => address.body.local)).toEqual(lo.addr_info.map((info) => info.local));
    expect(addresses).toHaveLength(3000);
  });

  it('is consistent while addresses come and go', async () => {
    const name = await scratchNamespace();
    const reader = await openSocket('route', name);
    const writer = await openSocket('route', name);
    const address = (message: string, text: string) => ({
      message,
      flags: NLM_F_CREATE,
      body: { family: 'inet', prefixLength: 32, index: 1, local: text },
    });
    const permanent = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const made = await writer.batch(
      permanent.map((text) => address('address.new', text)),
      { timeout: 10_000 },
    );
    expect(made.errors).toEqual([]);
    let writing = true;
    const writes = (async () => {
      for (let turn = 0; writing; turn += 1) {
        const message = turn % 2 === 0 ? 'address.new' : 'address.delete';
        const result = await writer.batch([address(message, '192.0.2.1')], { timeout: 10_000 });
        expect(result.errors).toEqual([]);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    for (let turn = 0; turn < 50; turn += 1) {
      const addresses = await reader.dump({ message: 'address.get', body: {} }, { timeout: 10_000 });
      const texts = addresses.map((one) => one.body.local);
      expect(texts.filter((text) => text !== '192.0.2.1')).toEqual(permanent);
      expect(texts.length).toBeLessThanOrEqual(permanent.length + 1);
    }
    writing = false;
    await writes;
  });

  it('is consistent while elements are exchanged', async () => {
    const name = await scratchNamespace();
    const reader = await openSocket('netfilter', name);
    const writer = await openSocket('netfilter', name);
    const total = 6000;
    const load = Array.from({ length: 6 }, (_, part) => elements('nft.element.new', 't', 'm', part * 1000, 1000));
    const made = await writer.batch([newTable('t'), newMap('t', 'm'), ...load], { nftables: true });
    expect(made.errors).toEqual([]);
    let writing = true;
    let exchanged = 0;
    const writes = (async () => {
      while (writing) {
        // 500 go and 500 others come, in one transaction: never another total.
        const gone = elements('nft.element.delete', 't', 'm', exchanged * 500, 500);
        const come = elements('nft.element.new', 't', 'm', total + exchanged * 500, 500);
        const result = await writer.batch([gone, come], { nftables: true });
        expect(result.errors).toEqual([]);
        exchanged += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    for (let turn = 0; turn < 40; turn += 1) {
      const request = { message: 'nft.element.get', body: { family: 'ip', table: 't', set: 'm' } };
      expect(count(await reader.dump(request, { timeout: 10_000 }))).toBe(total);
    }
    writing = false;
    await writes;
    expect(exchanged).toBeGreaterThan(1);
  });
});
