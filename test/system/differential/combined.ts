import type { Forward } from '../network.js';
import { acl, egress, ingress } from '../rules.js';
import type { Table } from './vocabulary.js';

const officeIp = '203.0.113.10';
const webIp = '203.0.113.11';
const spareIp = '203.0.113.12';
const shopIp = '203.0.113.30';
const ssh: Forward = { publicIp: officeIp, publicPort: 2222, privateIp: '10.1.1.11', privatePort: 22 };

const openOfficeRules = [
  ingress(officeIp, 'tcp', { ports: 2222 }),
  ingress(webIp, 'tcp', { ports: 22, from: ['198.51.100.0/24', `${shopIp}/32`] }),
  egress('udp', { ports: 53 }),
] as const;

/** NAT, firewall and ACL at once, in the orders CloudStack sends them: an isolated network and a VPC on one host. */
export const combinedTable: Table = {
  subject: 'NAT, firewall and ACL together',
  vpcs: { shop: { id: 9, cidr: '10.9.0.0/16' } },
  networks: {
    office: { id: 42, vlan: 100 },
    tier: { id: 51, vlan: 101, prefix: '10.9.1', vpcId: 9 },
  },
  guests: {
    web: { network: 'office', host: 10 },
    db: { network: 'office', host: 11 },
    till: { network: 'tier', host: 10 },
  },
  setUp: [
    { network: 'office', call: ['implement'] },
    { network: 'office', call: ['assign', officeIp, { sourceNat: true }] },
    { vpc: 'shop', call: ['implement', shopIp] },
    { network: 'tier', call: ['implement'] },
    { network: 'tier', call: ['assign', shopIp, { sourceNat: true }] },
  ],
  scenarios: [
    {
      name: 'rules before what they open',
      steps: [
        { network: 'office', call: ['applyFirewall', [], { egressAllow: false }] },
        { network: 'office', call: ['applyFirewall', openOfficeRules, { egressAllow: false }] },
        { network: 'office', call: ['addPortForward', ssh] },
        { network: 'office', call: ['assign', webIp] },
        { network: 'office', call: ['addStaticNat', webIp, '10.1.1.10'] },
        { network: 'office', call: ['assign', spareIp] },
        { network: 'office', call: ['addPortForward', { ...ssh, publicIp: spareIp }] },
        {
          says: 'C 12: with "open firewall", apply-fw-rules comes before add-port-forward',
          outcomes: [
            { from: 'internet', to: officeIp, tcp: 2222, outcome: 'reaches db', atPort: 22 },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: '192.0.2.33', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 80, outcome: 'dropped' },
          ],
        },
        {
          says: 'HB: a public IP with port forwards and no ingress rule is closed, also one that is new',
          outcomes: [{ from: 'internet', to: spareIp, tcp: 2222, outcome: 'dropped' }],
        },
        {
          says: 'HB: egress on traffic from vn-, NAT as ever',
          outcomes: [
            { from: 'web', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'db', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: officeIp },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'dropped' },
            { from: 'db', to: 'internet', ping: true, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'restart without clean-up',
      steps: [
        { open: 'during the restart', from: 'internet', to: webIp, tcp: 22 },
        { network: 'office', call: ['implement'] },
        { network: 'office', call: ['assign', officeIp, { sourceNat: true }] },
        { network: 'office', call: ['assign', webIp] },
        { network: 'office', call: ['addStaticNat', webIp, '10.1.1.10'] },
        { network: 'office', call: ['addPortForward', ssh] },
        {
          says: 'C 4.5: implement-network on a fully built network; HB: rules stay in force',
          outcomes: [
            { connection: 'during the restart', outcome: 'goes on' },
            { from: 'internet', to: officeIp, tcp: 2222, outcome: 'reaches db' },
            { from: '192.0.2.33', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'dropped' },
            { from: 'web', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: webIp },
          ],
        },
      ],
    },
    {
      name: 'static NAT moves behind its rules',
      steps: [
        { network: 'office', call: ['addStaticNat', webIp, '10.1.1.11'] },
        {
          says: 'HB: ingress is decided on the real public IP, wherever DNAT leads',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches db' },
            { from: 'internet', to: webIp, tcp: 80, outcome: 'dropped' },
            { from: 'db', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'web', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: officeIp },
            { from: 'internet', to: officeIp, tcp: 2222, outcome: 'reaches db' },
          ],
        },
        { network: 'office', call: ['addStaticNat', webIp, '10.1.1.10'] },
      ],
    },
    {
      name: 'an isolated network and a VPC',
      steps: [
        { network: 'tier', call: ['applyAcl', [acl(10, 'allow', 'egress', 'tcp', { ports: [22, 80] })]] },
        {
          says: 'HB: networks of one host reach each other by their public addresses, and each has its rules',
          outcomes: [
            { from: 'till', to: webIp, tcp: 22, outcome: 'reaches web', seenFrom: shopIp },
            { from: 'till', to: webIp, tcp: 80, outcome: 'dropped' },
            { from: 'till', to: officeIp, tcp: 2222, outcome: 'dropped' },
            { from: 'till', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: shopIp },
            { from: 'till', to: 'internet', tcp: 443, outcome: 'dropped' },
            { from: 'internet', to: officeIp, tcp: 2222, outcome: 'reaches db' },
            { from: 'web', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: webIp },
          ],
        },
        { network: 'tier', call: ['applyAcl', []] },
        {
          says: 'HB: an ACL acts on its tier only',
          outcomes: [
            { from: 'till', to: 'internet', tcp: 80, outcome: 'dropped' },
            { from: 'web', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
          ],
        },
      ],
    },
    {
      name: 'an address is released and comes back',
      steps: [
        { network: 'office', call: ['release', webIp] },
        {
          says: 'HB release-ip',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'closed' },
            { from: 'web', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: officeIp },
            { from: 'internet', to: officeIp, tcp: 2222, outcome: 'reaches db' },
          ],
        },
        {
          network: 'office',
          call: ['applyFirewall', [ingress(officeIp, 'tcp', { ports: 2222 })], { egressAllow: true }],
        },
        { network: 'office', call: ['assign', webIp] },
        { network: 'office', call: ['addStaticNat', webIp, '10.1.1.11'] },
        {
          says: 'HB: static NAT and no ingress rule is closed; policy allow',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: webIp, ping: true, outcome: 'dropped' },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: officeIp },
          ],
        },
      ],
    },
    {
      name: 'restart with clean-up',
      steps: [
        { network: 'office', call: ['deletePortForward', ssh] },
        { network: 'office', call: ['applyFirewall', openOfficeRules, { egressAllow: false }] },
        { network: 'office', call: ['deleteStaticNat', webIp, '10.1.1.11'] },
        { network: 'office', call: ['release', webIp] },
        { network: 'office', call: ['release', spareIp] },
        { network: 'office', call: ['release', officeIp, { sourceNat: true }] },
        { network: 'office', call: ['shutdown'] },
        {
          says: 'C 4.4: network shutdown',
          outcomes: [
            { from: 'internet', to: officeIp, tcp: 2222, outcome: 'closed' },
            { from: 'web', to: 'internet', udp: 53, outcome: 'closed' },
            { from: 'web', to: '10.1.1.1', ping: true, outcome: 'closed' },
          ],
        },
        // Revoke calls come once more when the namespace is gone.
        { network: 'office', call: ['applyFirewall', openOfficeRules, { egressAllow: false }] },
        { network: 'office', call: ['implement', 100] },
        { network: 'office', call: ['assign', officeIp, { sourceNat: true }] },
        { network: 'office', call: ['applyFirewall', openOfficeRules, { egressAllow: false }] },
        { network: 'office', call: ['assign', webIp] },
        { network: 'office', call: ['addStaticNat', webIp, '10.1.1.10'] },
        { network: 'office', call: ['addPortForward', ssh] },
        {
          says: 'C 4.5: the same as before',
          outcomes: [
            { from: 'internet', to: officeIp, tcp: 2222, outcome: 'reaches db', atPort: 22 },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: '192.0.2.33', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: 'web', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'dropped' },
            { from: 'db', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: officeIp },
          ],
        },
      ],
    },
  ],
};
