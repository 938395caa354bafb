/** What this kernel can do, found out by trying in a scratch namespace and not by its version. */

import { closeSync } from 'node:fs';
import { native } from '../kernel/native.js';
import { NetfilterSocket } from '../kernel/netfilter-socket.js';
import type { Chain } from '../kernel/nft/chain.js';
import { protocolIs, reject } from '../kernel/nft/expression.js';
import type { NamedSet } from '../kernel/nft/set.js';
import type { Table } from '../kernel/nft/table.js';
import { NetfilterTransaction } from '../kernel/nft/transaction.js';
import { RouteTransaction } from '../kernel/route/transaction.js';
import { RouteSocket } from '../kernel/route-socket.js';

/** What was found. */
export interface KernelCapabilities {
  readonly bridge: boolean;
  readonly veth: boolean;
  /** 802.1Q sub-interfaces can be made. */
  readonly vlan: boolean;
  readonly nfTables: boolean;
  /** Sets whose keys are several fields, each an interval (Linux 5.6). */
  readonly concatenatedIntervals: boolean;
  readonly nat: boolean;
  /** Rules can answer a packet with a TCP reset. */
  readonly reset: boolean;
  /** Connections can be deleted by a filter in the kernel (Linux 6.9). */
  readonly connectionFilter: boolean;
}

/** What every network needs, in the words of somebody who has to provide it. */
const needed: Partial<Record<keyof KernelCapabilities, string>> = {
  bridge: 'bridges (module bridge)',
  veth: 'veth pairs (module veth)',
  nfTables: 'nf_tables (module nf_tables)',
  concatenatedIntervals: 'sets of concatenated intervals (Linux 5.6)',
  nat: 'nf_tables NAT (module nft_nat)',
  reset: 'nf_tables reject (module nft_reject_ipv4)',
};

/** One line for each thing this kernel lacks and networks need; none when it is fit. */
export function missingCapabilities(capabilities: KernelCapabilities): string[] {
  return (Object.keys(needed) as (keyof KernelCapabilities)[])
    .filter((name) => !capabilities[name])
    .map((name) => `this kernel has no ${needed[name]}; networks cannot be implemented here`);
}

let found: Promise<KernelCapabilities> | undefined;

/** Tries everything, once in the life of the process, in a namespace that exists only meanwhile. */
export function probeCapabilities(): Promise<KernelCapabilities> {
  found ??= tryAll();
  return found;
}

async function tryAll(): Promise<KernelCapabilities> {
  const descriptor = await native.createUnnamedNamespace();
  try {
    const route = await RouteSocket.open(descriptor);
    const netfilter = await NetfilterSocket.open(descriptor);
    try {
      return await probe(route, netfilter);
    } finally {
      await Promise.all([route.close(), netfilter.close()]);
    }
  } finally {
    closeSync(descriptor);
  }
}

async function probe(route: RouteSocket, netfilter: NetfilterSocket): Promise<KernelCapabilities> {
  const works = async (attempt: () => Promise<unknown>): Promise<boolean> => {
    try {
      await attempt();
      return true;
    } catch {
      return false;
    }
  };
  const veth = await works(() =>
    route.run(new RouteTransaction().add({ object: 'link', name: 'a', kind: { kind: 'veth', peer: { name: 'b' } } })),
  );
  const bridge = await works(() =>
    route.run(new RouteTransaction().add({ object: 'link', name: 'br', kind: { kind: 'bridge' } })),
  );
  const parent = await route.link(veth ? 'a' : 'lo');
  const vlan = await works(() =>
    route.run(
      new RouteTransaction().add({
        object: 'link',
        name: 'v',
        kind: { kind: 'vlan', id: 2, parent: parent?.index ?? 1 },
      }),
    ),
  );
  const table: Table = { object: 'table', family: 'ip', name: 'probe' };
  const ranges: NamedSet = { object: 'set', table, name: 'ranges', key: ['ipv4_addr', 'inet_service'], interval: true };
  const nfTables = await works(() => netfilter.run(new NetfilterTransaction().add(table)));
  const concatenatedIntervals = await works(() => netfilter.run(new NetfilterTransaction().add(table).add(ranges)));
  const nat = await works(() =>
    netfilter.run(
      new NetfilterTransaction()
        .add(table)
        .add({ object: 'chain', table, name: 'nat', base: { type: 'nat', hook: 'prerouting', priority: -100 } }),
    ),
  );
  const chain: Chain = { object: 'chain', table, name: 'reset' };
  const expressions = [...protocolIs(6), reject('tcp reset')];
  const reset = await works(() =>
    netfilter.run(new NetfilterTransaction().add(table).add(chain).add({ object: 'rule', chain, expressions })),
  );
  // Kernels that do not know the filter here take the tuple for a whole one and find it incomplete.
  const connectionFilter = await works(() =>
    netfilter.endConnections({ original: { destination: '192.0.2.1' } }, true),
  );
  return { bridge, veth, vlan, nfTables, concatenatedIntervals, nat, reset, connectionFilter };
}
