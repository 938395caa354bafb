import { closeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/kernel/native.js';
import { addProgramFilter, bindIngress, deleteFirstFilters } from '../../../src/kernel/route/ingress.js';
import { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import { RouteSocket } from '../../../src/kernel/route-socket.js';
import { run, scratchNamespace } from './scratch.js';

/** A namespace with bridges, and others behind their ports; the bridges hand on nothing but ARP, so what arrives has not gone through them. */
class Segments {
  private constructor(readonly host: string) {}

  static async create(...bridges: string[]): Promise<Segments> {
    const host = await scratchNamespace();
    for (const bridge of bridges) run(['ip', 'link', 'add', bridge, 'up', 'type', 'bridge'], host);
    run(
      ['nft', 'add table bridge t; add chain bridge t f { type filter hook forward priority 0; policy drop; }'],
      host,
    );
    run(['nft', 'add rule bridge t f ether type arp accept'], host);
    return new Segments(host);
  }

  async add(bridge: string, link: string, address: string): Promise<Member> {
    const namespace = await scratchNamespace();
    run(['ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace], this.host);
    run(['ip', 'link', 'set', link, 'master', bridge, 'up'], this.host);
    run(['ip', 'address', 'add', `${address}/24`, 'dev', 'eth0'], namespace);
    run(['ip', 'link', 'set', 'eth0', 'up'], namespace);
    return new Member(namespace, link, address);
  }

  /** Makes members take part in the short cut of a block. */
  async join(block: number, ...members: Member[]): Promise<void> {
    const route = await RouteSocket.open(this.host);
    const ports = await route.linksNamed(members.map(({ link }) => link));
    const portOf = ({ link }: Member) => ports.get(link)?.index ?? 0;
    const failures = await route.attempt(RouteTransaction.of(members.map((one) => bindIngress(portOf(one), block))));
    expect(failures.filter(({ code }) => code !== 'EEXIST')).toEqual([]);
    const [present] = await route.programFilters(block);
    const descriptor = await native.openShortCut(present?.id);
    try {
      const entries = members.map((one) => ({ interface: portOf(one), hardwareAddress: one.hardwareAddress }));
      await native.enterShortCut(this.host, descriptor, entries);
      if (present === undefined) {
        await route.run(RouteTransaction.of([addProgramFilter(block, 'short-cut', descriptor)]));
      }
    } finally {
      closeSync(descriptor);
      await route.close();
    }
  }

  /** Runs work with a descriptor of a block's program. */
  async withProgram<Result>(block: number, work: (descriptor: number) => Promise<Result>): Promise<Result> {
    const route = await RouteSocket.open(this.host);
    const [present] = await route.programFilters(block);
    await route.close();
    expect(present?.name).toBe('short-cut');
    const descriptor = await native.openShortCut(present?.id);
    try {
      return await work(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  async end(block: number): Promise<string[]> {
    const route = await RouteSocket.open(this.host);
    const failures = await route.attempt(RouteTransaction.of([deleteFirstFilters(block)]));
    await route.close();
    return failures.map(({ code }) => code);
  }

  indexOf(link: string): number {
    return JSON.parse(run(['ip', '-j', 'link', 'show', link], this.host))[0].ifindex;
  }
}

class Member {
  readonly hardwareAddress: string;

  constructor(
    readonly namespace: string,
    readonly link: string,
    readonly address: string,
  ) {
    this.hardwareAddress = JSON.parse(run(['ip', '-j', 'link', 'show', 'eth0'], namespace))[0].address;
  }

  reaches({ address }: Pick<Member, 'address'>): boolean {
    try {
      run(['ping', '-c1', '-W1', address], this.namespace);
      return true;
    } catch {
      return false;
    }
  }

  /** Calls of ping that have come to it (Icmp, InEchos of proc_pid_net(5)). */
  get pinged(): number {
    const [names = [], values = []] = run(['cat', '/proc/net/snmp'], this.namespace)
      .split('\n')
      .filter((line) => line.startsWith('Icmp: '))
      .map((line) => line.split(' '));
    return Number(values[names.indexOf('InEchos')]);
  }
}

describe('a short cut', () => {
  it('is taken between its members, by both of them, and by nobody else', async () => {
    const segments = await Segments.create('br0');
    const [a, b, c] = [
      await segments.add('br0', 'port-a', '10.0.0.1'),
      await segments.add('br0', 'port-b', '10.0.0.2'),
      await segments.add('br0', 'port-c', '10.0.0.3'),
    ];
    expect(a.reaches(b)).toBe(false);
    await segments.join(7, a, b);
    expect([a.reaches(b), b.reaches(a), a.reaches(c), c.reaches(a)]).toEqual([true, true, false, false]);
    await segments.join(7, c);
    expect([a.reaches(c), c.reaches(b), a.reaches(b)]).toEqual([true, true, true]);
    await segments.join(7, a, b, c);
    expect([a.reaches(c), a.reaches(b)]).toEqual([true, true]);
    expect(await segments.end(7)).toEqual([]);
    expect([a.reaches(b), c.reaches(a)]).toEqual([false, false]);
    await segments.join(7, a, b);
    // Of the program before nothing is left, and nobody has entered c.
    expect([a.reaches(b), a.reaches(c)]).toEqual([true, false]);
    expect(run(['tc', 'filter', 'show', 'block', '7'], segments.host)).toContain('short-cut direct-action');
  });

  it('leads to its own members only, whatever hardware address a frame is for', async () => {
    const segments = await Segments.create('br0', 'br1');
    const [a, b] = [await segments.add('br0', 'port-a', '10.0.0.1'), await segments.add('br0', 'port-b', '10.0.0.2')];
    const [x, y] = [await segments.add('br1', 'port-x', '10.0.0.3'), await segments.add('br1', 'port-y', '10.0.0.4')];
    await segments.join(7, a, b);
    await segments.join(8, x, y);
    expect([a.reaches(b), x.reaches(y)]).toEqual([true, true]);
    const before = y.pinged;
    expect(before).toBe(1);
    run(['ip', 'neighbour', 'add', y.address, 'lladdr', y.hardwareAddress, 'dev', 'eth0'], a.namespace);
    expect(a.reaches(y)).toBe(false);
    expect(y.pinged).toBe(before);
    // Nor can anybody have what is for another by saying it is his: nothing is learned.
    run(['ip', 'link', 'set', 'eth0', 'address', b.hardwareAddress], a.namespace);
    run(['ip', 'neighbour', 'replace', b.address, 'lladdr', b.hardwareAddress, 'dev', 'eth0'], a.namespace);
    a.reaches(b);
    const c = await segments.add('br0', 'port-c', '10.0.0.5');
    await segments.join(7, c);
    expect(c.reaches(b)).toBe(true);
  });

  it('leaves what is for everybody to the bridge', async () => {
    const segments = await Segments.create('br0');
    const [a, b] = [await segments.add('br0', 'port-a', '10.0.0.1'), await segments.add('br0', 'port-b', '10.0.0.2')];
    await segments.join(7, a, b);
    const port = segments.indexOf('port-b');
    const forAll = ['ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01'].map((hardwareAddress) => ({
      interface: port,
      hardwareAddress,
    }));
    await segments.withProgram(7, (descriptor) => native.enterShortCut(segments.host, descriptor, forAll));
    const c = await segments.add('br0', 'port-c', '10.0.0.3');
    run(['nft', 'add rule bridge t f accept'], segments.host);
    // By ARP, which asks everybody.
    expect([a.reaches(c), a.reaches(b)]).toEqual([true, true]);
  });

  it('ends with its ports, and has room again', async () => {
    const segments = await Segments.create('br0');
    const [a, b] = [await segments.add('br0', 'port-a', '10.0.0.1'), await segments.add('br0', 'port-b', '10.0.0.2')];
    await segments.join(7, a);
    const port = segments.indexOf('port-b');
    const many = Array.from({ length: 2_047 }, (_, index) => {
      const [high, low] = [index >> 8, index & 0xff].map((byte) => byte.toString(16).padStart(2, '0'));
      return { interface: port, hardwareAddress: `02:00:00:00:${high}:${low}` };
    });
    await segments.withProgram(7, (descriptor) => native.enterShortCut(segments.host, descriptor, many));
    const full = { code: 'E2BIG', syscall: 'BPF_MAP_UPDATE_ELEM' };
    await expect(segments.join(7, b)).rejects.toMatchObject(full);
    run(['ip', 'link', 'delete', 'port-b'], segments.host);
    const again = await segments.add('br0', 'port-b', '10.0.0.2');
    await segments.join(7, again);
    expect([a.reaches(again), again.reaches(a)]).toEqual([true, true]);
    run(['ip', 'link', 'delete', 'port-a'], segments.host);
    run(['ip', 'link', 'delete', 'port-b'], segments.host);
    expect(await segments.end(7)).toEqual(['EINVAL']);
    const route = await RouteSocket.open(segments.host);
    expect(await route.programFilters(7)).toEqual([]);
    await route.close();
  });

  it('is not made of what is none', async () => {
    const name = await scratchNamespace();
    await expect(native.openShortCut(0xfffffffe)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(native.enterShortCut(name, 0, [])).rejects.toMatchObject({ code: 'EINVAL' });
    expect(() => native.openShortCut(0)).toThrow(TypeError);
    const nonsense = [{ interface: 1, hardwareAddress: 'nonsense' }];
    expect(() => native.enterShortCut(name, 0, nonsense)).toThrow(TypeError);
  });
});
