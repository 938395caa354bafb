import type { Forward } from '../network.js';
import { acl, ingress } from '../rules.js';
import type { Table } from './vocabulary.js';

const sourceIp = '203.0.113.20';
const webIp = '203.0.113.21';
const dbIp = '203.0.113.22';
const newSourceIp = '203.0.113.24';
const otherVpcIp = '203.0.113.30';
const forward: Forward = { publicIp: sourceIp, publicPort: 2222, privateIp: '10.9.1.11', privatePort: 22 };

/** VPC 9 with a source NAT address and two tiers, VPC 90 with one tier and no source NAT address. */
export const vpcTable: Table = {
  subject: 'VPC',
  vpcs: { shop: { id: 9, cidr: '10.9.0.0/16' }, farm: { id: 90, cidr: '10.90.0.0/16' } },
  networks: {
    front: { id: 51, vlan: 100, prefix: '10.9.1', vpcId: 9 },
    back: { id: 52, vlan: 101, prefix: '10.9.2', vpcId: 9 },
    field: { id: 5, vlan: 102, prefix: '10.90.1', vpcId: 90 },
  },
  guests: {
    web: { network: 'front', host: 10 },
    app: { network: 'front', host: 11 },
    db: { network: 'back', host: 10 },
    log: { network: 'back', host: 11 },
    barn: { network: 'field', host: 10 },
  },
  setUp: [
    { vpc: 'shop', call: ['implement', sourceIp] },
    { vpc: 'farm', call: ['implement'] },
    { network: 'front', call: ['implement'] },
    { network: 'front', call: ['assign', sourceIp, { sourceNat: true }] },
    { network: 'field', call: ['implement'] },
  ],
  scenarios: [
    {
      name: 'source NAT of the whole VPC',
      steps: [
        {
          says: 'HB implement-vpc: SNAT of the whole VPC CIDR, address, default route',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
            { from: 'app', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: sourceIp },
            { from: 'app', to: 'internet', ping: true, outcome: 'answered' },
            { from: 'internet', to: sourceIp, ping: true, outcome: 'answered' },
            { from: 'internet', to: sourceIp, tcp: 22, outcome: 'closed' },
            { from: 'barn', to: 'internet', tcp: 80, outcome: 'closed' },
          ],
        },
        { network: 'back', call: ['implement'] },
        { network: 'back', call: ['assign', sourceIp, { sourceNat: true }] },
        {
          says: 'HB implement-vpc: whole VPC CIDR, so a later tier too',
          outcomes: [
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
          ],
        },
        {
          says: 'HB: SNAT out of vpn-, so not between tiers',
          outcomes: [
            { from: 'web', to: 'db', tcp: 22, outcome: 'reaches db', seenFrom: '10.9.1.10' },
            { from: 'db', to: 'app', udp: 53, outcome: 'reaches app', seenFrom: '10.9.2.10' },
          ],
        },
      ],
    },
    {
      name: 'static NAT and port forwards of tiers',
      steps: [
        { network: 'front', call: ['assign', webIp] },
        { network: 'front', call: ['addStaticNat', webIp, '10.9.1.10'] },
        { network: 'back', call: ['assign', dbIp] },
        { network: 'back', call: ['addStaticNat', dbIp, '10.9.2.10'] },
        { network: 'front', call: ['addPortForward', forward] },
        {
          says: 'HB wrong list: static NAT goes before source NAT',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'db', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: dbIp },
            { from: 'app', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
            { from: 'log', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
          ],
        },
        {
          says: 'HB add-static-nat, add-port-forward',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web', seenFrom: '198.51.100.9' },
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'reaches db' },
            { from: 'internet', to: sourceIp, tcp: 2222, outcome: 'reaches app', atPort: 22 },
            { from: 'db', to: webIp, tcp: 22, outcome: 'reaches web' },
          ],
        },
      ],
    },
    {
      name: 'firewall rules of a tier',
      steps: [
        { network: 'front', call: ['applyFirewall', []] },
        {
          says: 'HB: closed without a rule, but not for VPC tiers, where ACLs decide',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: 'internet', to: sourceIp, tcp: 2222, outcome: 'reaches app' },
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'reaches db' },
          ],
        },
        { network: 'front', call: ['applyFirewall', [ingress(webIp, 'tcp', { ports: 22 })]] },
        {
          says: 'HB: per public IP an allow-list',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: 'internet', to: webIp, tcp: 80, outcome: 'dropped' },
          ],
        },
        { network: 'back', call: ['applyFirewall', []] },
        {
          says: "HB: one tier's call never touches another tier's IPs",
          outcomes: [
            { from: 'internet', to: dbIp, tcp: 80, outcome: 'reaches db' },
            { from: 'internet', to: webIp, tcp: 80, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
          ],
        },
        { network: 'front', call: ['applyFirewall', []] },
        {
          says: 'HB: always the complete set',
          outcomes: [{ from: 'internet', to: webIp, tcp: 80, outcome: 'reaches web' }],
        },
      ],
    },
    {
      name: 'update-vpc-source-nat-ip',
      steps: [
        { open: 'through static NAT', from: 'internet', to: webIp, tcp: 22 },
        { open: 'through the old address', from: 'internet', to: sourceIp, tcp: 2222 },
        { vpc: 'shop', call: ['updateSourceNat', newSourceIp] },
        {
          says: 'C 5.4: add the new IP, leave exactly one SNAT rule',
          outcomes: [
            { from: 'app', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: newSourceIp },
            { from: 'log', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: newSourceIp },
            { from: 'internet', to: newSourceIp, ping: true, outcome: 'answered' },
          ],
        },
        {
          says: 'C 5.4: keep old IP and all static NAT and port forwards working',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'reaches db' },
            { from: 'internet', to: sourceIp, tcp: 2222, outcome: 'reaches app', atPort: 22 },
            { from: 'internet', to: sourceIp, ping: true, outcome: 'answered' },
            { connection: 'through static NAT', outcome: 'goes on' },
            { connection: 'through the old address', outcome: 'goes on' },
          ],
        },
        { network: 'front', call: ['assign', newSourceIp, { sourceNat: true }] },
        { network: 'front', call: ['assign', sourceIp, { sourceNat: false }] },
        { network: 'front', call: ['addPortForward', { ...forward, publicIp: newSourceIp }] },
        {
          says: 'HB assign-ip: SNAT only if no VPC',
          outcomes: [
            { from: 'log', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: newSourceIp },
            { from: 'internet', to: newSourceIp, tcp: 2222, outcome: 'reaches app', atPort: 22 },
            { from: 'internet', to: sourceIp, tcp: 2222, outcome: 'reaches app', atPort: 22 },
          ],
        },
        { vpc: 'shop', call: ['updateSourceNat', sourceIp] },
        { vpc: 'shop', call: ['updateSourceNat', sourceIp] },
        {
          says: 'C 5.4: back again, and sent twice',
          outcomes: [
            { from: 'log', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: dbIp },
            { from: 'internet', to: newSourceIp, tcp: 2222, outcome: 'reaches app', atPort: 22 },
          ],
        },
      ],
    },
    {
      name: 'one tier goes',
      steps: [
        { network: 'back', call: ['applyAcl', [acl(10, 'allow', 'egress', 'all')]] },
        { network: 'back', call: ['assign', sourceIp, { sourceNat: true }] },
        { open: 'of the tier that stays', from: 'internet', to: webIp, tcp: 22 },
        { network: 'back', call: ['shutdown'] },
        {
          says: 'HB shutdown-network: the public veth goes only with its last user; IPs of other tiers keep working',
          outcomes: [
            { connection: 'of the tier that stays', outcome: 'goes on' },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'app', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
            { from: 'internet', to: sourceIp, tcp: 2222, outcome: 'reaches app' },
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'closed' },
            { from: 'log', to: 'internet', tcp: 80, outcome: 'closed' },
            { from: 'db', to: '10.9.2.1', ping: true, outcome: 'closed' },
          ],
        },
        { network: 'back', call: ['destroy'] },
        {
          says: 'HB destroy-network: the same',
          outcomes: [
            { connection: 'of the tier that stays', outcome: 'goes on' },
            { from: 'app', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
            { from: 'internet', to: sourceIp, tcp: 2222, outcome: 'reaches app' },
          ],
        },
        { network: 'back', call: ['implement', 101] },
        { network: 'back', call: ['assign', sourceIp, { sourceNat: true }] },
        {
          says: 'HB implement-network after destroy: nothing old comes back, not its ACL either',
          outcomes: [
            { from: 'log', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
            { from: 'web', to: 'db', tcp: 22, outcome: 'reaches db' },
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'closed' },
          ],
        },
      ],
    },
    {
      name: 'another VPC',
      steps: [
        { network: 'field', call: ['assign', otherVpcIp] },
        { network: 'field', call: ['addStaticNat', otherVpcIp, '10.90.1.10'] },
        { open: 'of VPC 90', from: 'internet', to: otherVpcIp, tcp: 22 },
        {
          says: 'HB add-static-nat, without source NAT',
          outcomes: [
            { from: 'internet', to: otherVpcIp, tcp: 22, outcome: 'reaches barn' },
            { from: 'barn', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: otherVpcIp },
            { from: 'app', to: otherVpcIp, tcp: 22, outcome: 'reaches barn', seenFrom: sourceIp },
            { from: 'barn', to: webIp, tcp: 22, outcome: 'reaches web', seenFrom: otherVpcIp },
          ],
        },
      ],
    },
    {
      name: 'restart and end of a VPC',
      steps: [
        { network: 'front', call: ['destroy'] },
        { network: 'back', call: ['destroy'] },
        { vpc: 'shop', call: ['shutdown'] },
        {
          says: 'HB shutdown-vpc: deletes the namespace',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'closed' },
            { from: 'web', to: '10.9.1.1', ping: true, outcome: 'closed' },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'closed' },
            { from: 'internet', to: sourceIp, ping: true, outcome: 'closed' },
            { connection: 'of VPC 90', outcome: 'goes on' },
            { from: 'barn', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: otherVpcIp },
          ],
        },
        { vpc: 'shop', call: ['implement', sourceIp] },
        { network: 'front', call: ['implement', 100] },
        { network: 'front', call: ['assign', sourceIp, { sourceNat: true }] },
        { network: 'back', call: ['implement', 101] },
        {
          says: 'C 4.6: restartVPC; HB implement-vpc',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: sourceIp },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'closed' },
            { from: 'internet', to: sourceIp, tcp: 2222, outcome: 'closed' },
          ],
        },
        { network: 'front', call: ['assign', webIp] },
        { network: 'front', call: ['addStaticNat', webIp, '10.9.1.10'] },
        { network: 'front', call: ['addPortForward', forward] },
        {
          says: 'C 4.6: each tier re-implemented',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: 'internet', to: sourceIp, tcp: 2222, outcome: 'reaches app' },
            { from: 'web', to: 'db', tcp: 22, outcome: 'reaches db' },
          ],
        },
        { vpc: 'shop', call: ['shutdown'] },
        { vpc: 'shop', call: ['destroy'] },
        {
          says: 'HB shutdown-vpc, destroy-vpc: also with tiers in it; VPC 9 is not VPC 90',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'closed' },
            { from: 'internet', to: sourceIp, tcp: 2222, outcome: 'closed' },
            { from: 'app', to: 'internet', tcp: 80, outcome: 'closed' },
            { from: 'log', to: '10.9.2.1', ping: true, outcome: 'closed' },
            { connection: 'of VPC 90', outcome: 'goes on' },
            { from: 'internet', to: otherVpcIp, tcp: 22, outcome: 'reaches barn' },
          ],
        },
      ],
    },
  ],
};
