// Our text of a ruleset beside nft's: the same bytes, and nft makes the same ruleset of it again.
import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { compileAll } from '../../../src/dataplane/compile.js';
import { formatRuleset, formatTransaction, readRuleset } from '../../../src/format/nft/index.js';
import type { Element } from '../../../src/kernel/nft/elements.js';
import type { NamedSet } from '../../../src/kernel/nft/set.js';
import type { Table } from '../../../src/kernel/nft/table.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import { timeFactor } from '../../host/patience.js';
import { Scene } from '../scene.js';
import { complaint, inside, ours, theirs } from './oracle.js';
import { domains, exact } from './samples.js';

/** Prints what is in a scene, as we do it and as nft does it, in both ways of writing; loads our text elsewhere. */
async function isExact(scene: Scene): Promise<void> {
  const again = await Scene.open();
  for (const names of [false, true]) {
    const text = await ours(scene, names);
    expect(text).toBe(theirs(scene, names));
    expect(complaint(again, `flush ruleset\n${text}`)).toBeUndefined();
    expect(theirs(again, names)).toBe(text);
  }
}

describe('a ruleset is printed as nft lists it, and read back by nft as the same', () => {
  it.each(Object.entries(exact))('%s', async (_, script) => {
    const scene = await Scene.open();
    expect(complaint(scene, script)).toBeUndefined();
    await isExact(scene);
  });

  it.each(Object.entries(domains))('of a domain: %s', async (_, domain) => {
    const scene = await Scene.open();
    await scene.netfilter.run(compileAll(domain()));
    await isExact(scene);
  });
});

describe('what nft would print otherwise', () => {
  /** Our line of one rule in a table of a family. */
  async function lineOf(rule: string, family = 'ip'): Promise<string> {
    const scene = await Scene.open();
    expect(complaint(scene, `table ${family} t { chain c { ${rule}; }; }`)).toBeUndefined();
    const [, , line = ''] = (await ours(scene)).split('\n');
    return line.trim();
  }

  it.each([
    // nft says less than the rule does.
    ['meta l4proto 47 @th,0,16 5', 'meta l4proto 47 th sport 5'],
    ['fib saddr . mark . iif oif exists', 'fib saddr . mark . iif oif exists'],
    // A mask that nft takes for a prefix, although there are bits beyond it.
    ['meta mark & 0xffff0000 == 0x100', 'meta mark & 0xffff0000 == 0x00000100'],
    // Bytes that are more and less than fields.
    ['@nh,8,16 5', '@nh,8,16 0x5'],
    // Names that depend on the type of the message.
    ['icmp type echo-request icmp id 5', 'icmp type 8 @th,32,16 0x5'],
  ])('%s: is the same rule to nft', async (rule, line) => {
    expect(await lineOf(rule)).toBe(line);
    const scene = await Scene.open();
    scene.nft(`table ip t { chain a { ${rule}\n }\n chain b { ${line}\n }; }`);
    const [first, second] = await scene.netfilter.rules({ object: 'table', family: 'ip', name: 't' });
    expect(second?.expressions).toEqual(first?.expressions);
  });

  it.each([
    ['ct count over 5', '[ connlimit ]'],
    ['numgen inc mod 2 0', '[ numgen ] [ register 1 ] 0x0'],
    [
      'ip saddr 1.2.3.4 numgen inc mod 2 vmap { 0 : accept }',
      'ip saddr 1.2.3.4 [ numgen ] [ register 1 ] vmap { 0x0 : accept }',
    ],
    ['meta cgroup 5', '[ meta key=23 destination=1 ] 0x5000000'],
    ['tcp option maxseg size set 1400', '[ exthdr ]'],
    [
      'ip ttl set 5',
      '[ payload source=1 base=network offset=8 length=2 checksumType=1 checksumOffset=10 checksumFlags=0 ]',
    ],
  ])('%s: in brackets, which nft refuses', async (rule, line) => {
    expect(await lineOf(rule)).toBe(line);
    const scene = await Scene.open();
    expect(complaint(scene, `table ip t { chain c { ${line}; }; }`)).toContain('Error');
  });

  it('rules of iptables: plain parts as nft has them, extensions by a remark', async () => {
    const scene = await Scene.open();
    const iptables = (command: string) => inside(scene, 'iptables-nft', ...command.split(' '));
    iptables('-A INPUT -p tcp --dport 22 -j ACCEPT');
    iptables('-A INPUT -p udp --dport 22:30 -j DROP');
    iptables('-N own');
    iptables('-A FORWARD -s 10.0.0.0/8 ! -d 10.1.2.0/25 ! -i eth+ -o eth1 -j own');
    iptables('-P FORWARD DROP');
    iptables('-t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN');
    const plain = await ours(scene);
    expect(plain).toBe(theirs(scene));
    expect(plain).toContain('iifname != "eth*" oifname "eth1"');

    iptables('-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT');
    iptables('-t nat -A POSTROUTING -s 10.0.0.0/24 -j MASQUERADE');
    const text = await ours(scene);
    const remark = '# extension of iptables, see iptables-save';
    expect(text).toContain(`\t\txt match counter packets 0 bytes 0 accept ${remark}\n`);
    expect(text).toContain(`\t\tip saddr 10.0.0.0/24 counter packets 0 bytes 0 xt target ${remark}\n`);
    expect(complaint(await Scene.open(), text)).toContain('Error');
  });

  it('a comment with a quote or a line break: an apostrophe and a space', async () => {
    const scene = await Scene.open();
    const table: Table = { object: 'table', family: 'ip', name: 't', comment: 'a"\nflush ruleset #' };
    await scene.netfilter.run(new NetfilterTransaction().add(table));
    const text = await ours(scene);
    expect(text).toBe(`table ip t {\n\tcomment "a' flush ruleset #"\n}\n`);
    expect(complaint(await Scene.open(), text)).toBeUndefined();
  });

  it('sets of a type without a name', async () => {
    const scene = await Scene.open();
    scene.nft('table ip t { set s { type ct_state; elements = { new }\n }; }');
    expect(await ours(scene)).toContain('type [ unknown ]\n\t\telements = { 0x8000000 }');
  });
});

describe('reading', () => {
  it('lists what a filter names', async () => {
    const scene = await Scene.open();
    scene.nft('table ip a { }\n table inet a { chain c { accept\n }; }\n table inet b { }');
    const names = async (filter: Parameters<typeof readRuleset>[1]) =>
      (await readRuleset(scene.netfilter, filter)).map(({ table }) => `${table.family} ${table.name}`);
    expect(await names({})).toEqual(['ip a', 'inet a', 'inet b']);
    expect(await names({ family: 'inet' })).toEqual(['inet a', 'inet b']);
    expect(await names({ name: 'a' })).toEqual(['ip a', 'inet a']);
    expect(await names({ family: 'ip', name: 'b' })).toEqual([]);
    const text = formatRuleset(await readRuleset(scene.netfilter, { family: 'inet', name: 'a' }));
    expect(text).toBe('table inet a {\n\tchain c {\n\t\taccept\n\t}\n}\n');
  });

  it('is done again when the ruleset changes meanwhile', async () => {
    const scene = await Scene.open();
    scene.nft('table ip a { set s { type ipv4_addr; }; }');
    let changes = 0;
    const changing = new Proxy(scene.netfilter, {
      get(target, name) {
        if (name === 'elements' && changes++ === 0) {
          return async (set: NamedSet) => {
            scene.nft('delete table ip a\n table ip b { }');
            return target.elements(set);
          };
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    expect(formatRuleset(await readRuleset(changing))).toBe('table ip b {\n}\n');
  });
});

describe('10,000 elements', () => {
  const table: Table = { object: 'table', family: 'ip', name: 't' };
  const address = (number: number) => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
  const cases: readonly (readonly [
    string,
    Omit<NamedSet, 'object' | 'table' | 'name'>,
    (number: number) => Element,
  ])[] = [
    [
      'a map of port forwards',
      { key: ['ipv4_addr', 'inet_proto', 'inet_service'], data: ['ipv4_addr', 'inet_service'] },
      (number) => ({ key: ['203.0.113.10', 6, number + 1], data: [address(number), 80] }),
    ],
    [
      'intervals',
      { key: ['ipv4_addr'], interval: true },
      (number) => ({ key: [address(4 * number)], end: [address(4 * number + (number % 4))] }),
    ],
  ];
  it.each(cases)('%s: exactly, in less than 100 ms', async (_, properties, element) => {
    const set: NamedSet = { object: 'set', table, name: 's', ...properties };
    const elements = Array.from({ length: 10_000 }, (_, number) => element(number));
    const scene = await Scene.open();
    await scene.netfilter.run(new NetfilterTransaction().add(table).add(set).addElements(set, elements));
    const listing = await readRuleset(scene.netfilter);
    const text = formatRuleset(listing);
    const transaction = new NetfilterTransaction().addElements(set, elements);
    const times = (work: () => void) =>
      [1, 2, 3].map(() => {
        const start = performance.now();
        work();
        return performance.now() - start;
      });
    expect(Math.min(...times(() => formatRuleset(listing)))).toBeLessThan(100 * timeFactor);
    expect(Math.min(...times(() => formatTransaction(transaction)))).toBeLessThan(100 * timeFactor);
    // A line that differs says more than 10,000.
    expect(text.split('\n').slice(0, 8)).toEqual(theirs(scene).split('\n').slice(0, 8));
    expect(text === theirs(scene)).toBe(true);
  });
});
