/**
 * The short cut between the subnets of a VPC. A frame for another subnet goes from port to port at once, past the bridge and the second of two
 * queues: 0.98 instead of 0.88 of a plain pair's throughput. What the bridge has to see takes the usual way: what is for everybody, for the
 * gateway, for peers.
 */

import { closeSync } from 'node:fs';
import type { ShortCutMember, SystemError } from '../../kernel/native.js';
import { addProgramFilter, bindIngress, deleteFirstFilters } from '../../kernel/route/ingress.js';
import type { Link } from '../../kernel/route/link.js';
import type { Vpc } from '../model/vpc.js';
import { bridgeTable } from '../rules/bridge-table.js';
import { VpcctlError } from '../vpcctl-error.js';
import { type HostSession, perform } from './host-session.js';
import type { ScopedSubnet } from './scope.js';

/** A subnet that is there. */
export interface ReachedSubnet extends ScopedSubnet {
  /** Index of its port of the bridge. */
  readonly port: number;
  /** Of the other end, in the subnet. */
  readonly hardwareAddress: string;
}

/** What the filter is called. */
const name = 'vpcctl-short-cut';

/** Blocks have numbers of their own on a host. "vp", and the index of the bridge. */
const blockOf = (bridge: number) => 0x76700000 + bridge;

/**
 * A kernel that runs no programs, or has no filters for them (ENOENT, EOPNOTSUPP); a root that is none outside of its user namespace. Everything is reached
 * without, too.
 */
const tolerated: readonly string[] = ['ENOSYS', 'EPERM', 'ENOENT', 'EOPNOTSUPP'];

/** Has the frames of these subnets take the short cut of their VPC, or the usual way where somebody filters what passes bridges. @throws VpcctlError */
export async function convergeShortCuts(
  session: HostSession,
  reached: readonly ReachedSubnet[],
  bridges: ReadonlyMap<string, Link>,
): Promise<void> {
  if (reached.length === 0) return;
  const filtered = await filtersBridges(session);
  for (const vpc of new Set(reached.map((one) => one.vpc))) {
    const bridge = bridges.get(vpc.bridge)?.index;
    if (bridge === undefined) continue;
    const own = reached.filter((one) => one.vpc === vpc);
    await orWithout(vpc, () => (filtered ? close(session, blockOf(bridge)) : open(session, blockOf(bridge), own)));
  }
}

/** The ports first: a block is there as long as a port is bound to it. */
async function open(session: HostSession, block: number, reached: readonly ReachedSubnet[]): Promise<void> {
  const { kernel, route } = session;
  // Who has put filters of his own at a port keeps them; its frames take the usual way.
  const tolerate = ['EEXIST'];
  await perform(
    route,
    reached.map(({ port }) => ({ operation: bindIngress(port, block), tolerate })),
  );
  const present = (await route.programFilters(block)).find((filter) => filter.name === name);
  const descriptor = await kernel.openShortCut(present?.id);
  try {
    const members = reached.map(({ port, hardwareAddress }): ShortCutMember => ({ interface: port, hardwareAddress }));
    await kernel.enterShortCut(undefined, descriptor, members);
    if (present === undefined) await perform(route, [{ operation: addProgramFilter(block, name, descriptor) }]);
  } finally {
    closeSync(descriptor);
  }
}

/** EINVAL: there is no such block. */
async function close({ route }: HostSession, block: number): Promise<void> {
  await perform(route, [{ operation: deleteFirstFilters(block), tolerate: ['EINVAL', 'ENOENT'] }]);
}

async function orWithout(vpc: Vpc, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message } = error as SystemError;
    if (typeof code !== 'string') throw error;
    if (tolerated.includes(code)) return;
    throw new VpcctlError(`short cut between the subnets of VPC ${vpc.name}: ${message}; repeat the command`);
  }
}

/** Whether somebody else wants to see what passes bridges: br_netfilter shows it to the rules about IPv4, tables of the family bridge see it themselves. */
async function filtersBridges(session: HostSession): Promise<boolean> {
  if (await showsToIpv4Rules(session)) return true;
  const tables = await (await session.netfilter()).tables(bridgeTable.family);
  return tables.some((table) => table.name !== bridgeTable.name);
}

async function showsToIpv4Rules({ kernel }: HostSession): Promise<boolean> {
  try {
    return (await kernel.readSysctl(undefined, 'net/bridge/bridge-nf-call-iptables')) !== '0';
  } catch (error) {
    if ((error as SystemError).code === 'ENOENT') return false;
    throw error;
  }
}
