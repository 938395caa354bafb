/** The rules of the host: which VPCs are kept apart, which subnets have a way out. One table of our own; others are never touched. */

import type { Chain } from '../../kernel/nft/chain.js';
import { priorities } from '../../kernel/nft/chain.js';
import {
  accept,
  concatenationRegisters,
  connectionHas,
  connectionState,
  drop,
  type Expression,
  interfaceIs,
  ipv4,
  jump,
  lookup,
  masquerade,
  meta,
  verdict,
} from '../../kernel/nft/expression.js';
import type { Rule } from '../../kernel/nft/rule.js';
import type { NamedSet } from '../../kernel/nft/set.js';
import type { Table } from '../../kernel/nft/table.js';
import type { NetfilterTransaction } from '../../kernel/nft/transaction.js';
import { gatewayOf, lastAddress } from '../model/network.js';
import { networkIn, peersOf, type Vpc, type Vpcs } from '../model/vpc.js';

export const hostTable: Table = { object: 'table', family: 'ip', name: 'vpcctl' };

const chain = (name: string, base?: Chain['base']): Chain => ({
  object: 'chain',
  table: hostTable,
  name,
  ...(base === undefined ? {} : { base }),
});
const set = <const Properties extends Omit<NamedSet, 'object' | 'table' | 'name'>>(
  name: string,
  properties: Properties,
) => ({ object: 'set', table: hostTable, name, ...properties }) as const satisfies NamedSet;

const forward = chain('forward', { type: 'filter', hook: 'forward', priority: priorities.filter, policy: 'accept' });
const input = chain('input', { type: 'filter', hook: 'input', priority: priorities.filter, policy: 'accept' });
const postrouting = chain('postrouting', {
  type: 'nat',
  hook: 'postrouting',
  priority: priorities.srcnat,
  policy: 'accept',
});

/** The bridges of all VPCs. */
const bridges = set('bridges', { key: ['ifname'] });
/** Bridge → the chain for what comes from its VPC. */
const fromVpc = set('from_vpc', { key: ['ifname'], data: 'verdict' });
/** The gateways of all VPCs, which are addresses of the host. */
const gateways = set('gateways', { key: ['ipv4_addr'] });
/** Bridge and a gateway that its subnets may ask. */
const reachableGateways = set('reachable_gateways', { key: ['ifname', 'ipv4_addr'] });

const rule = (place: Chain, ...expressions: Expression[]): Rule => ({ object: 'rule', chain: place, expressions });
const fromChain = (name: string): Chain => chain(`from_${name}`);
/** Networks of a VPC's public subnets. */
const publicSubnets = (name: string): NamedSet => set(`public_${name}`, { key: ['ipv4_addr'], interval: true });

/** Makes the table anew; nothing of it is left when there are no VPCs. */
export function addHostTable(transaction: NetfilterTransaction, vpcs: Vpcs): void {
  transaction.destroy(hostTable);
  const all = [...vpcs.values()];
  if (all.length === 0) return;
  transaction.add(hostTable);
  for (const one of [bridges, fromVpc, gateways, reachableGateways]) transaction.add(one);
  // Without NAT nobody asks for connections, and none are tracked.
  const hasNat = all.some(({ nat_interface }) => nat_interface !== undefined);
  for (const one of [forward, input, ...(hasNat ? [postrouting] : [])]) transaction.add(one);
  for (const vpc of all) addVpc(transaction, vpc);

  transaction.addElements(
    bridges,
    all.map(({ bridge }) => ({ key: [bridge] })),
  );
  transaction.addElements(
    fromVpc,
    all.map(({ bridge, name }) => ({ key: [bridge], data: jump(fromChain(name).name) })),
  );
  const gateway = ({ cidr }: Vpc) => gatewayOf(networkIn(cidr));
  transaction.addElements(
    gateways,
    [...new Set(all.map(gateway))].map((address) => ({ key: [address] })),
  );
  const reachable = all.flatMap((vpc) =>
    [vpc, ...peersOf(vpc, vpcs)].map((peer) => ({ key: [vpc.bridge, gateway(peer)] })),
  );
  transaction.addElements(reachableGateways, reachable);

  transaction.add(rule(forward, meta('iifname'), lookup(fromVpc.name, 1, 0)));
  // What comes from elsewhere: answers only. From another VPC nothing comes this far.
  const known = connectionState.established | connectionState.related;
  const toVpc = [meta('oifname'), lookup(bridges.name)];
  if (hasNat) transaction.add(rule(forward, ...toVpc, ...connectionHas('state', known), verdict(accept)));
  transaction.add(rule(forward, ...toVpc, verdict(drop)));

  // The host answers on every address it has, whatever link is asked: another VPC's gateway would be seen.
  const [link = 1, address = 2] = concatenationRegisters(reachableGateways.key);
  transaction.add(
    rule(
      input,
      meta('iifname', link),
      ipv4.destination(address),
      lookup(reachableGateways.name, link),
      verdict(accept),
    ),
  );
  transaction.add(
    rule(input, meta('iifname'), lookup(bridges.name), ipv4.destination(), lookup(gateways.name), verdict(drop)),
  );
}

function addVpc(transaction: NetfilterTransaction, vpc: Vpc): void {
  const { name, bridge, nat_interface, subnets } = vpc;
  const place = fromChain(name);
  transaction.add(place);
  // Peers' networks lie behind the same bridge.
  transaction.add(rule(place, ...interfaceIs('oifname', bridge), verdict(accept)));
  if (nat_interface !== undefined) {
    const members = publicSubnets(name);
    transaction.add(members);
    const elements = subnets
      .filter(({ nat_enabled, type }) => nat_enabled && type === 'public')
      .map(({ cidr }) => ({ key: [networkIn(cidr).address], end: [lastAddress(networkIn(cidr))] }));
    if (elements.length > 0) transaction.addElements(members, elements);
    const leaves = [...interfaceIs('oifname', nat_interface), ipv4.source(), lookup(members.name)];
    transaction.add(rule(place, ...leaves, verdict(accept)));
    transaction.add(rule(postrouting, ...leaves, masquerade()));
  }
  transaction.add(rule(place, verdict(drop)));
}
