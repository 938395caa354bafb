import { openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Link } from '../../../src/kernel/route/link.js';
import type { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import type { HostSession } from '../../../src/vpcctl/kernel/host-session.js';
import { convergeShortCuts, type ReachedSubnet } from '../../../src/vpcctl/kernel/short-cut.js';

const failure = (code: string) => Object.assign(new Error(`it says ${code}`), { code });

const block = 0x76700000 + 9;
const bridges = new Map([['br-one', { index: 9 } as Link]]);
const vpc = { name: 'one', bridge: 'br-one' };
const reached = [
  { vpc, subnet: {}, port: 11, hardwareAddress: '02:00:00:00:00:01' },
  { vpc, subnet: {}, port: 12, hardwareAddress: '02:00:00:00:00:02' },
] as unknown as ReachedSubnet[];

interface Host {
  /** Of bridge-nf-call-iptables; undefined without br_netfilter. */
  readonly shown?: string;
  readonly tables?: readonly string[];
  /** Number of the program that is there. */
  readonly program?: number;
  /** What programs, or their filters, are answered with. */
  readonly refusal?: string;
  /** What the binding of the first port is answered with. */
  readonly bound?: string;
}

/** A host that notes what is asked of it. */
function hostWith({ shown, tables = ['vpcctl'], program, refusal, bound }: Host) {
  const asked: unknown[] = [];
  const session = {
    kernel: {
      readSysctl: async () => {
        if (shown === undefined) throw failure('ENOENT');
        return shown;
      },
      openShortCut: async (id: number | undefined) => {
        asked.push(['open', id]);
        if (refusal !== undefined) throw failure(refusal);
        return openSync('/dev/null', 'r');
      },
      enterShortCut: async (_namespace: unknown, _descriptor: number, members: unknown) => asked.push(members),
    },
    route: {
      attempt: async ({ operations }: RouteTransaction) => {
        asked.push(...operations.map(({ message, body }) => [message, (body as { index: number }).index]));
        return bound === undefined || operations[0]?.message !== 'queueing.new'
          ? []
          : [Object.assign(failure(bound), { index: 0 })];
      },
      programFilters: async (of: number) => {
        expect(of).toBe(block);
        return program === undefined ? [] : [{ name: 'vpcctl-short-cut', id: program }];
      },
    },
    netfilter: async () => ({ tables: async () => tables.map((name) => ({ name })) }),
  } as unknown as HostSession;
  return { asked, run: () => convergeShortCuts(session, reached, bridges) };
}

const members = reached.map(({ port, hardwareAddress }) => ({ interface: port, hardwareAddress }));
const ports = [
  ['queueing.new', 11],
  ['queueing.new', 12],
];

describe('the short cut of a VPC', () => {
  it('is made where there is none, and joined where there is one', async () => {
    const fresh = hostWith({});
    await fresh.run();
    expect(fresh.asked).toEqual([...ports, ['open', undefined], members, ['filter.new', -1]]);
    const known = hostWith({ shown: '0', program: 5, bound: 'EEXIST' });
    await known.run();
    expect(known.asked).toEqual([...ports, ['open', 5], members]);
  });

  it.each<Host>([{ shown: '1' }, { tables: ['vpcctl', 'mine'] }])(
    'is closed where bridges are filtered: %o',
    async (host) => {
      const { asked, run } = hostWith(host);
      await run();
      expect(asked).toEqual([['filter.delete', -1]]);
    },
  );

  it('is done without where the kernel has none or does not allow it, and nowhere else', async () => {
    for (const refusal of ['ENOSYS', 'EPERM', 'EOPNOTSUPP']) await hostWith({ refusal }).run();
    await hostWith({ bound: 'ENOENT' }).run();
    await expect(hostWith({ refusal: 'EINVAL' }).run()).rejects.toThrow(
      'short cut between the subnets of VPC one: it says EINVAL; repeat the command',
    );
    await expect(hostWith({ bound: 'ENODEV' }).run()).rejects.toThrow('VPC one: it says ENODEV');
  });
});
