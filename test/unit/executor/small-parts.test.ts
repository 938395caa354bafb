import { describe, expect, it } from 'vitest';
import { Announcer } from '../../../src/executor/announcer.js';
import { KeyedQueue } from '../../../src/executor/queue.js';
import { SharedUse } from '../../../src/executor/shared-use.js';
import { enableIpv6, initSysctls, setSysctls } from '../../../src/executor/sysctls.js';
import { UndoStack } from '../../../src/executor/undo.js';
import type { Sysctl } from '../../../src/kernel/native.js';
import { FakeRoute, fakeKernel } from './fake-kernel.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('KeyedQueue', () => {
  /** A task that ends when told to. */
  function task(log: string[], name: string) {
    let end: (error?: Error) => void = () => undefined;
    const run = () => {
      log.push(`${name} begins`);
      return new Promise<string>((resolve, reject) => {
        end = (error) => {
          log.push(`${name} ends`);
          if (error === undefined) resolve(name);
          else reject(error);
        };
      });
    };
    return { run, end: (error?: Error) => end(error) };
  }

  it('runs tasks of one key one after the other, in the order they came', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const tasks = ['a', 'b', 'c'].map((name) => task(log, name));
    const results = tasks.map(({ run }) => queue.run('key', run));
    for (const { end } of tasks) {
      await turn();
      end();
    }
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('runs tasks of different keys side by side', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const [a, b] = [task(log, 'a'), task(log, 'b')];
    const results = [queue.run('one', a.run), queue.run('other', b.run)];
    expect(log).toEqual(['a begins', 'b begins']);
    b.end();
    a.end();
    expect(await Promise.all(results)).toEqual(['a', 'b']);
  });

  it('goes on after a task that failed, and gives each its own result', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const [a, b] = [task(log, 'a'), task(log, 'b')];
    const results = [queue.run('key', a.run), queue.run('key', b.run)];
    a.end(new Error('a failed'));
    await expect(results[0]).rejects.toThrow('a failed');
    await turn();
    b.end();
    expect(await results[1]).toBe('b');
  });

  it('begins at once when nothing of the key is left', async () => {
    const queue = new KeyedQueue();
    await queue.run('key', async () => 1);
    await turn();
    let begun = false;
    const result = queue.run('key', async () => {
      begun = true;
    });
    expect(begun).toBe(true);
    await result;
  });
});

describe('KeyedQueue, of items', () => {
  /** A queue that notes which items were carried out together; items that are no numbers fail. */
  function queueOf(log: string[], most = Number.POSITIVE_INFINITY) {
    return new KeyedQueue<string, number>(async (items, key) => {
      const taken = items.slice(0, most);
      log.push(`${key}: ${taken.join(' ')}`);
      await turn();
      if (items.includes('all')) throw new Error('all failed');
      return taken.map((item) => {
        const result = Number(item);
        return Number.isNaN(result) ? { error: new Error(`${item} failed`) } : { result };
      });
    });
  }

  const join = (queue: KeyedQueue<string, number>, key: string, item: string) =>
    new Promise<number>((resolve, reject) => {
      queue.join(key, item, (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.result)));
    });

  it('carries out together what waits, each with its own result', async () => {
    const log: string[] = [];
    const queue = queueOf(log);
    const results = ['1', '2', 'x', '3'].map((item) => join(queue, 'key', item));
    const other = join(queue, 'other', '7');
    expect(await Promise.allSettled(results)).toMatchObject([
      { value: 1 },
      { value: 2 },
      { reason: { message: 'x failed' } },
      { value: 3 },
    ]);
    expect(await other).toBe(7);
    expect(log).toEqual(['key: 1', 'other: 7', 'key: 2 x 3']);
  });

  it('offers again what was not carried out, and keeps the order to tasks', async () => {
    const log: string[] = [];
    const queue = queueOf(log, 2);
    const items = (...names: string[]) => names.map((name) => join(queue, 'key', name));
    const all = [
      ...items('1', '2', '3', '4'),
      queue.run('key', async () => void log.push('task')),
      ...items('5', '6', '7'),
    ];
    await Promise.all(all);
    expect(log).toEqual(['key: 1', 'key: 2 3', 'key: 4', 'task', 'key: 5 6', 'key: 7']);
  });

  it('tells all of them what went wrong with all of them, and goes on', async () => {
    const log: string[] = [];
    const queue = queueOf(log);
    const results = ['1', '2', 'all', '3'].map((item) => join(queue, 'key', item));
    const [first, ...rest] = await Promise.allSettled(results);
    expect(first).toMatchObject({ value: 1 });
    expect(rest).toMatchObject(rest.map(() => ({ reason: { message: 'all failed' } })));
    expect(await join(queue, 'key', '4')).toBe(4);
  });

  it('does not wait for ever when nothing is carried out', async () => {
    const queue = new KeyedQueue<string, number>(async () => []);
    await expect(join(queue, 'key', '1')).rejects.toThrow('nothing was carried out');
  });
});

describe('UndoStack', () => {
  it('takes back newest first, once', async () => {
    const undo = new UndoStack();
    const log: number[] = [];
    for (const number of [1, 2, 3]) undo.push(async () => void log.push(number));
    expect(await undo.run()).toEqual([]);
    expect(log).toEqual([3, 2, 1]);
    expect(await undo.run()).toEqual([]);
    expect(log).toEqual([3, 2, 1]);
  });

  it('goes on after what cannot be taken back, and returns it', async () => {
    const undo = new UndoStack();
    const log: number[] = [];
    const error = new Error('2 stays');
    undo.push(async () => void log.push(1));
    undo.push(async () => {
      throw error;
    });
    undo.push(async () => void log.push(3));
    expect(await undo.run()).toEqual([error]);
    expect(log).toEqual([3, 1]);
  });
});

describe('SharedUse', () => {
  it('is not shared by commands one after the other', () => {
    const all = new SharedUse();
    const first = all.begin(['br', 'eth1']);
    expect(first.isShared('br')).toBe(false);
    first.end();
    expect(all.begin(['br']).isShared('br')).toBe(false);
  });

  it('is shared by both of two at the same time, also when one has ended', () => {
    const all = new SharedUse();
    const first = all.begin(['br', 'eth1']);
    const second = all.begin(['br']);
    expect([first.isShared('br'), second.isShared('br'), first.isShared('eth1')]).toEqual([true, true, false]);
    second.end();
    expect(first.isShared('br')).toBe(true);
    first.end();
    expect(all.begin(['br']).isShared('br')).toBe(false);
  });

  it('knows nothing of links that were not named', () => {
    expect(new SharedUse().begin(['br']).isShared('other')).toBe(false);
  });
});

/** Sysctls of a namespace in memory. */
function namespaceWith(values: Record<string, string>, refused?: string) {
  const writes: Sysctl[][] = [];
  const kernel = fakeKernel({
    readSysctl: async (_, name) => {
      const value = values[name];
      if (value === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'ENOENT' });
      return value;
    },
    writeSysctls: async (_, sysctls) => {
      writes.push([...sysctls]);
      return sysctls.flatMap(({ name, value }, index) => {
        if (name === refused && value === '1') return [{ index, code: 'EPERM', errno: 1, syscall: 'write' }];
        values[name] = value;
        return [];
      });
    },
  });
  return { kernel, writes, values };
}

describe('setSysctls', () => {
  const all = (value: string) => ({
    'net/ipv4/ip_forward': value,
    'net/ipv4/conf/all/promote_secondaries': value,
    'net/ipv6/conf/all/disable_ipv6': value,
    'net/ipv6/conf/default/disable_ipv6': value,
  });

  it('writes only what is not as it should be, and takes just that back', async () => {
    const { kernel, writes, values } = namespaceWith({ ...all('1'), 'net/ipv4/ip_forward': '0' });
    const undo = await setSysctls(kernel, 'cs-net-42', false);
    expect(writes).toEqual([[{ name: 'net/ipv4/ip_forward', value: '1' }]]);
    expect(values).toEqual(all('1'));
    await undo();
    expect(values).toEqual({ ...all('1'), 'net/ipv4/ip_forward': '0' });
  });

  it('writes nothing when all is right', async () => {
    const { kernel, writes } = namespaceWith(all('1'));
    await (await setSysctls(kernel, 'cs-net-42', false))();
    expect(writes).toEqual([]);
  });

  it('needs no IPv6, but IPv4', async () => {
    const { 'net/ipv6/conf/all/disable_ipv6': _, 'net/ipv6/conf/default/disable_ipv6': __, ...ipv4 } = all('0');
    const without = namespaceWith(ipv4);
    await setSysctls(without.kernel, 'cs-net-42', false);
    expect(Object.values(without.values)).toEqual(['1', '1']);
    await expect(setSysctls(namespaceWith({}).kernel, 'cs-net-42', false)).rejects.toThrow('no net/ipv4/ip_forward');
  });

  it('puts all back when one is refused, and names it', async () => {
    const { kernel, values } = namespaceWith(all('0'), 'net/ipv6/conf/all/disable_ipv6');
    await expect(setSysctls(kernel, 'cs-net-42', false)).rejects.toThrow(
      'namespace cs-net-42: sysctl net/ipv6/conf/all/disable_ipv6 = 1: EPERM',
    );
    expect(values).toEqual(all('0'));
  });
});

describe('initSysctls', () => {
  const fresh = {
    'net/ipv4/ip_forward': '0',
    'net/ipv4/conf/all/promote_secondaries': '0',
    'net/ipv6/conf/all/disable_ipv6': '0',
    'net/ipv6/conf/default/disable_ipv6': '0',
  };
  const absent = (names: readonly string[]) =>
    fakeKernel({
      readSysctl: async () => {
        throw new Error('nothing is to be read');
      },
      writeSysctls: async (_, sysctls) =>
        sysctls.flatMap(({ name }, index) =>
          names.some((start) => name.startsWith(start)) ? [{ index, code: 'ENOENT', errno: 2, syscall: 'open' }] : [],
        ),
    });

  it('writes the same as for a namespace that was there, at once', async () => {
    for (const hasIpv6 of [false, true]) {
      const known = namespaceWith({ ...fresh });
      await setSysctls(known.kernel, 'cs-net-42', hasIpv6);
      const made = namespaceWith({ ...fresh });
      await initSysctls(made.kernel, 'cs-net-42', hasIpv6);
      expect(made.values).toEqual(known.values);
      expect(made.writes).toHaveLength(1);
    }
  });

  it('needs no IPv6, but IPv4', async () => {
    await (await initSysctls(absent(['net/ipv6/']), 'cs-net-42', false))();
    await expect(initSysctls(absent(['net/ipv6/', 'net/ipv4/ip_forward']), 'cs-net-42', false)).rejects.toThrow(
      'namespace cs-net-42: sysctl net/ipv4/ip_forward = 1: ENOENT',
    );
  });
});

describe('IPv6 of links', () => {
  const off = {
    'net/ipv4/ip_forward': '1',
    'net/ipv4/conf/all/promote_secondaries': '1',
    'net/ipv6/conf/all/disable_ipv6': '0',
    'net/ipv6/conf/all/forwarding': '0',
    'net/ipv6/conf/default/disable_ipv6': '1',
    'net/ipv6/conf/lo/disable_ipv6': '1',
    ...Object.fromEntries(
      ['vn-100-9', 'vn-101-9'].flatMap((link) => [
        [`net/ipv6/conf/${link}/accept_ra`, '1'],
        [`net/ipv6/conf/${link}/accept_dad`, '1'],
        [`net/ipv6/conf/${link}/disable_ipv6`, '1'],
      ]),
    ),
  };

  it('is turned on for those alone, after nobody is asked about addresses any more; and taken back', async () => {
    const { kernel, writes, values } = namespaceWith(off);
    const undo = await enableIpv6(kernel, 'cs-vpc-9', ['vn-100-9']);
    expect(writes.flat().map(({ name, value }) => `${name.replace('net/ipv6/conf/', '')} ${value}`)).toEqual([
      'all/forwarding 1',
      'lo/disable_ipv6 0',
      'vn-100-9/accept_ra 0',
      'vn-100-9/accept_dad 0',
      'vn-100-9/disable_ipv6 0',
    ]);
    expect(values['net/ipv6/conf/vn-101-9/disable_ipv6']).toBe('1');
    await undo();
    expect(values).toEqual(off);
  });

  it('is not turned off for all where one of them is to have it', async () => {
    const { kernel, writes } = namespaceWith(off);
    await setSysctls(kernel, 'cs-vpc-9', true);
    expect(writes).toEqual([]);
    await setSysctls(kernel, 'cs-vpc-9', false);
    expect(writes.flat()).toEqual([{ name: 'net/ipv6/conf/all/disable_ipv6', value: '1' }]);
  });

  it('is refused where the kernel has none', async () => {
    const { kernel } = namespaceWith({ 'net/ipv4/ip_forward': '1' });
    await expect(enableIpv6(kernel, 'cs-vpc-9', ['vn-100-9'])).rejects.toThrow(
      'namespace cs-vpc-9: this kernel has no IPv6; expected it for link vn-100-9',
    );
  });
});

describe('Announcer', () => {
  const address = { link: 'vn-100-42', address: '10.1.1.1' };
  const withLink = () => {
    const route = new FakeRoute();
    route.access.linksNamed = async (names) => new Map(names.map((name) => [name, { index: 7 } as never]));
    return route.access;
  };

  it('names the link by its index, and nobody waits for it', async () => {
    const sent: unknown[] = [];
    const kernel = fakeKernel({
      announceAddresses: async (namespace, announcements) => {
        sent.push([namespace, announcements]);
        return [];
      },
    });
    new Announcer(kernel, () => undefined).announce('cs-net-42', withLink(), [address]);
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toEqual([['cs-net-42', [{ interface: 7, address: '10.1.1.1' }]]]);
  });

  it('begins when the answer is written: not in this turn of the event loop', async () => {
    let asked = 0;
    const route = new FakeRoute().access;
    route.linksNamed = async () => {
      asked++;
      return new Map();
    };
    new Announcer(fakeKernel(), () => undefined).announce('cs-net-42', route, [address]);
    for (let step = 0; step < 100; step++) await undefined;
    expect(asked).toBe(0);
    await turn();
    expect(asked).toBe(1);
  });

  it('reports what fails, and never throws', async () => {
    const reports: string[] = [];
    const kernel = fakeKernel({
      announceAddresses: async () => {
        throw new Error('EPERM');
      },
    });
    new Announcer(kernel, (line) => reports.push(line)).announce('cs-net-42', withLink(), [address]);
    await turn();
    expect(reports).toEqual(['gratuitous ARP in cs-net-42 was not sent: EPERM']);
  });

  it('says nothing of a network that has gone meanwhile', async () => {
    const reports: string[] = [];
    const kernel = fakeKernel({ isNamespace: () => false });
    new Announcer(kernel, (line) => reports.push(line)).announce('cs-net-42', withLink(), [address]);
    await turn();
    expect(reports).toEqual([]);
  });
});
