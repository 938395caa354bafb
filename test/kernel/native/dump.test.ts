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
    const name = await scratchNamespace();
    run(['sh', '-c', 'for i in $(seq 300); do echo "link add name link$i type bridge"; done | ip -batch -'], name);
    const socket = await openSocket('route', name);
    const links = await socket.dump({ message: 'link.get', body: {} }, { timeout: 10_000 });
    expect(links).toHaveLength(301);
  });

  it('is consistent while links come and go', async () => {
    const name = await scratchNamespace();
    const reader = await openSocket('route', name);
    const writer = await openSocket('route', name);
    const link = (message: string, index: number) => ({
      message,
      flags: NLM_F_CREATE,
      body: { name: `link${index}`, info: { kind: 'bridge' } },
    });
    const permanent = Array.from({ length: 100 }, (_, index) => link('link.new', index));
    await writer.batch(permanent, { timeout: 10_000 });
    let writing = true;
    const writes = (async () => {
      for (let index = 1000; writing; index += 1) {
        await writer.batch([link('link.new', index)], { timeout: 10_000 });
        await writer.batch([{ message: 'link.delete', body: { name: `link${index}` } }], { timeout: 10_000 });
      }
    })();
    for (let turn = 0; turn < 20; turn += 1) {
      const links = await reader.dump({ message: 'link.get', body: {} }, { timeout: 10_000 });
      const names = new Set(links.map((one) => one.body.name));
      expect(names.size).toBe(links.length);
      for (let index = 0; index < 100; index += 1) expect(names).toContain(`link${index}`);
    }
    writing = false;
    await writes;
  });

  it('is consistent while elements are exchanged', async () => {
    const name = await scratchNamespace();
    const reader = await openSocket('netfilter', name);
    const writer = await openSocket('netfilter', name);
    const total = 6000;
    const load = [elements('nft.element.new', 't', 'm', 0, 3000), elements('nft.element.new', 't', 'm', 3000, 3000)];
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
