/**
 * The rules between the bridges of peers. Their pair joins two Ethernet segments; what comes through it must be from the one VPC's network
 * and for the other's. So nobody reaches the peers of a peer, and three VPCs that are peers of each other are no loop.
 */

import type { Chain } from '../../kernel/nft/chain.js';
import {
  accept,
  bitwise,
  bytesOf,
  cmp,
  drop,
  type Expression,
  ipv4In,
  jump,
  lookup,
  maskBytes,
  meta,
  payload,
  verdict,
} from '../../kernel/nft/expression.js';
import type { NamedSet } from '../../kernel/nft/set.js';
import type { Table } from '../../kernel/nft/table.js';
import type { NetfilterTransaction } from '../../kernel/nft/transaction.js';
import type { Cidr } from '../../model/values.js';
import { peerLinkName } from '../model/names.js';
import { networkIn, peersOf, type Vpcs } from '../model/vpc.js';

export const bridgeTable: Table = { object: 'table', family: 'bridge', name: 'vpcctl' };

const prerouting: Chain = {
  object: 'chain',
  table: bridgeTable,
  name: 'prerouting',
  // NF_BR_PRI_FIRST of linux/netfilter_bridge.h is the lowest number; before what else looks at frames is enough.
  base: { type: 'filter', hook: 'prerouting', priority: -300, policy: 'accept' },
};
/** Link of a peering → the chain with what may come from it. */
const peerLinks: NamedSet = { object: 'set', table: bridgeTable, name: 'peer_links', key: ['ifname'], data: 'verdict' };

/** ETH_P_IP and ETH_P_ARP of linux/if_ether.h. */
const ipv4Type = Uint8Array.of(0x08, 0x00);
const arpType = Uint8Array.of(0x08, 0x06);
/** Where an ARP message about IPv4 over Ethernet has its addresses, in bytes (RFC 826). */
const arpSender = 14;
const arpTarget = 24;

export function hasPeers(vpcs: Vpcs): boolean {
  return [...vpcs.values()].some((vpc) => peersOf(vpc, vpcs).length > 0);
}

/** Makes the table anew; nothing of it is left when there are no peers. */
export function addBridgeTable(transaction: NetfilterTransaction, vpcs: Vpcs): void {
  transaction.destroy(bridgeTable);
  if (!hasPeers(vpcs)) return;
  transaction.add(bridgeTable).add(peerLinks).add(prerouting);
  for (const vpc of vpcs.values()) {
    for (const peer of peersOf(vpc, vpcs)) {
      const link = peerLinkName(vpc.name, peer.name);
      const chain: Chain = { object: 'chain', table: bridgeTable, name: link };
      const add = (...expressions: Expression[]) => transaction.add({ object: 'rule', chain, expressions });
      const [source, destination] = [networkIn(peer.cidr), networkIn(vpc.cidr)];
      transaction.add(chain);
      add(
        ...etherType(ipv4Type),
        ...ipv4In('source', source.address, source.prefix),
        ...ipv4In('destination', destination.address, destination.prefix),
        verdict(accept),
      );
      add(...etherType(arpType), ...arpIn(arpSender, source), ...arpIn(arpTarget, destination), verdict(accept));
      add(verdict(drop));
      transaction.addElements(peerLinks, [{ key: [link], data: jump(link) }]);
    }
  }
  transaction.add({ object: 'rule', chain: prerouting, expressions: [meta('iifname'), lookup(peerLinks.name, 1, 0)] });
}

const etherType = (type: Uint8Array): Expression[] => [meta('protocol'), cmp('eq', type)];

function arpIn(offset: number, network: Cidr): Expression[] {
  return [
    payload('network', offset, 4),
    bitwise(maskBytes(4, network.prefix), new Uint8Array(4)),
    cmp('eq', bytesOf('ipv4_addr', network.address)),
  ];
}
