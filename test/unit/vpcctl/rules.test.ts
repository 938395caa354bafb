import { describe, expect, it } from 'vitest';
import { formatTransaction } from '../../../src/format/nft/index.js';
import { NetfilterTransaction } from '../../../src/kernel/nft/transaction.js';
import { setupNat } from '../../../src/vpcctl/edits/nat.js';
import { peer } from '../../../src/vpcctl/edits/peering.js';
import { hostRules } from '../../../src/vpcctl/kernel/converge.js';
import type { Policy } from '../../../src/vpcctl/model/policy.js';
import type { Vpcs } from '../../../src/vpcctl/model/vpc.js';
import { addPolicyTable } from '../../../src/vpcctl/rules/policy-table.js';
import { seed } from './scene.js';

const linesOf = (transaction: NetfilterTransaction) =>
  formatTransaction(transaction, { names: true }).trimEnd().split('\n');
const rulesOf = (vpcs: Vpcs) => linesOf(hostRules(vpcs, true)).filter((line) => /^add (?:rule|element)/.test(line));

describe('the rules of the host', () => {
  it('keep VPCs apart', () => {
    expect(rulesOf(seed())).toEqual([
      'add rule ip vpcctl from_production oifname "br-production" accept',
      'add rule ip vpcctl from_production drop',
      'add rule ip vpcctl from_staging oifname "br-staging" accept',
      'add rule ip vpcctl from_staging drop',
      'add element ip vpcctl bridges { "br-production", "br-staging" }',
      'add element ip vpcctl from_vpc { "br-production" : jump from_production, "br-staging" : jump from_staging }',
      'add element ip vpcctl gateways { 10.0.0.1, 10.1.0.1 }',
      'add element ip vpcctl reachable_gateways { "br-production" . 10.0.0.1, "br-staging" . 10.1.0.1 }',
      'add rule ip vpcctl forward iifname vmap @from_vpc',
      'add rule ip vpcctl forward oifname @bridges drop',
      'add rule ip vpcctl input iifname . ip daddr @reachable_gateways accept',
      'add rule ip vpcctl input iifname @bridges ip daddr @gateways drop',
    ]);
  });

  it('let public subnets out, and answers in', () => {
    const rules = rulesOf(setupNat(seed(), 'production', 'eth0'));
    expect(rules).toEqual(
      expect.arrayContaining([
        'add element ip vpcctl public_production { 10.0.1.0/24 }',
        'add rule ip vpcctl from_production oifname "eth0" ip saddr @public_production accept',
        'add rule ip vpcctl postrouting oifname "eth0" ip saddr @public_production masquerade',
        'add rule ip vpcctl forward oifname @bridges ct state established,related accept',
      ]),
    );
  });

  it('let between peers only what is of their networks', () => {
    const rules = rulesOf(peer(seed(), 'production', 'staging')).filter((line) => line.includes('bridge vpcctl peer-'));
    // The sender and the target of an ARP message (RFC 826).
    expect(rules.map((line) => line.replace(/peer-[0-9a-f]+/, 'peer'))).toEqual([
      'add rule bridge vpcctl peer ip saddr 10.1.0.0/16 ip daddr 10.0.0.0/16 accept',
      'add rule bridge vpcctl peer meta protocol arp @nh,112,32 & 0xffff0000 == 0xa010000 @nh,192,32 & 0xffff0000 == 0xa000000 accept',
      'add rule bridge vpcctl peer drop',
      'add rule bridge vpcctl peer ip saddr 10.0.0.0/16 ip daddr 10.1.0.0/16 accept',
      'add rule bridge vpcctl peer meta protocol arp @nh,112,32 & 0xffff0000 == 0xa000000 @nh,192,32 & 0xffff0000 == 0xa010000 accept',
      'add rule bridge vpcctl peer drop',
    ]);
  });

  it('are none without VPCs, and of bridges only where there are peers', () => {
    expect(linesOf(hostRules(new Map(), true)).filter((line) => !/^(?:add|delete) table/.test(line))).toEqual([]);
    expect(linesOf(hostRules(seed(), false)).some((line) => line.includes('bridge vpcctl'))).toBe(false);
  });
});

describe('the rules of a policy', () => {
  const rulesFor = (policy: Policy | undefined) => {
    const transaction = new NetfilterTransaction();
    addPolicyTable(transaction, policy);
    return linesOf(transaction).filter((line) => line.startsWith('add rule'));
  };

  it('have the order of the list, and its end', () => {
    const rules = rulesFor({
      ingress: [
        { port: 22, protocol: 'tcp', source: '10.0.2.0/24', action: 'deny' },
        { port: 22, protocol: 'tcp', action: 'allow' },
      ],
      egress: [{ destination: '10.1.0.0/16', action: 'deny' }],
    });
    expect(
      rules.map((line) => line.replace('add rule ip vpcctl ', '').replace(/ counter packets 0 bytes 0/, '')),
    ).toEqual([
      'ingress iifname "lo" accept',
      'ingress ct state established,related accept',
      'ingress ip saddr 10.0.2.0/24 tcp dport 22 drop',
      'ingress tcp dport 22 accept',
      'ingress drop',
      'egress oifname "lo" accept',
      'egress ip daddr 10.1.0.0/16 drop',
    ]);
  });

  it('are none without one', () => expect(rulesFor(undefined)).toEqual([]));
});
