import { balancer, revoked } from '../balancing/web.js';
import { acl, ingress } from '../rules.js';
import { speakerPort, type Table } from './vocabulary.js';

const officeIp = '203.0.113.10';
const webIp = '203.0.113.11';
const shopIp = '203.0.113.30';
const tillIp = '203.0.113.31';

// What guests say is that they are there; haproxy is who calls them.
const web = (...guests: string[]) => balancer(11, webIp, guests, { privatePort: 80 });
const admin = balancer(12, webIp, ['10.1.1.11'], { publicPort: 8443, privatePort: 443 });
// Through it both ends speak at any time.
const feed = balancer(15, webIp, ['10.1.1.11'], { publicPort: 7000, privatePort: speakerPort });
const till = balancer(21, tillIp, ['10.9.1.10'], { publicPort: 443, privatePort: 8080 });

export const balancingTable: Table = {
  subject: 'load balancing',
  vpcs: { shop: { id: 9, cidr: '10.9.0.0/16' } },
  networks: {
    office: { id: 42, vlan: 100 },
    tier: { id: 51, vlan: 101, prefix: '10.9.1', vpcId: 9 },
    stock: { id: 52, vlan: 102, prefix: '10.9.2', vpcId: 9 },
  },
  guests: {
    web: { network: 'office', host: 10 },
    db: { network: 'office', host: 11, speaks: true },
    till: { network: 'tier', host: 10 },
    shelf: { network: 'stock', host: 10 },
  },
  setUp: [
    { network: 'office', call: ['implement'] },
    { network: 'office', call: ['assign', officeIp, { sourceNat: true }] },
    { network: 'office', call: ['assign', webIp] },
    { vpc: 'shop', call: ['implement', shopIp] },
    { network: 'tier', call: ['implement'] },
    { network: 'stock', call: ['implement'] },
    { network: 'tier', call: ['assign', tillIp] },
  ],
  scenarios: [
    {
      name: 'rules come and change',
      steps: [
        {
          says: 'HB: what nobody asked for is closed',
          outcomes: [{ from: 'internet', to: webIp, tcp: 80, outcome: 'closed' }],
        },
        { network: 'office', call: ['applyBalancing', [web('10.1.1.10'), admin]] },
        {
          says: 'C 5.10: public port to the backends',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 80, outcome: 'reaches web', atPort: 80, seenFrom: '10.1.1.1' },
            { from: 'internet', to: webIp, tcp: 8443, outcome: 'reaches db', atPort: 443 },
            { from: 'db', to: webIp, tcp: 80, outcome: 'reaches web' },
            { from: 'web', to: webIp, tcp: 80, outcome: 'reaches web' },
            { from: 'internet', to: webIp, tcp: 443, outcome: 'closed' },
            { from: 'internet', to: webIp, udp: 53, outcome: 'closed' },
            { from: 'internet', to: officeIp, tcp: 80, outcome: 'closed' },
            { from: 'till', to: webIp, tcp: 80, outcome: 'reaches web' },
          ],
        },
        { network: 'office', call: ['applyBalancing', [web('10.1.1.11')]] },
        {
          says: 'C 5.10: rules that are not mentioned stay',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 80, outcome: 'reaches db', atPort: 80 },
            { from: 'internet', to: webIp, tcp: 8443, outcome: 'reaches db', atPort: 443 },
          ],
        },
      ],
    },
    {
      name: 'what cannot be',
      steps: [
        {
          network: 'office',
          refused: ['applyBalancing', [web('10.1.1.10'), balancer(13, webIp, [], { protocol: 'udp', publicPort: 53 })]],
          naming: 'rule 13: protocol "udp"',
        },
        {
          network: 'office',
          refused: ['applyBalancing', [balancer(14, webIp, ['10.1.1.10'], { publicPort: 8443 })]],
          naming: 'rule 14: 203.0.113.11:8443 is taken by rule 12',
        },
        {
          says: 'HB: refused by name, and the running configuration stays',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 80, outcome: 'reaches db' },
            { from: 'internet', to: webIp, tcp: 8443, outcome: 'reaches db' },
          ],
        },
      ],
    },
    {
      name: 'under the firewall',
      steps: [
        { network: 'office', call: ['applyBalancing', [feed]] },
        { open: 'admin', from: 'internet', to: webIp, tcp: 8443 },
        { open: 'feed', from: 'internet', to: webIp, tcp: 7000 },
        {
          network: 'office',
          call: ['applyFirewall', [ingress(webIp, 'tcp', { ports: 80, from: ['198.51.100.9/32'] })]],
        },
        {
          says: 'HB: a public IP with load balancing is closed but for its rules',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 80, outcome: 'reaches db' },
            { from: '198.51.100.77', to: webIp, tcp: 80, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 8443, outcome: 'dropped' },
            { from: 'web', to: webIp, tcp: 80, outcome: 'dropped' },
            { connection: 'admin', outcome: 'ended' },
            { connection: 'feed', outcome: 'ended' },
          ],
        },
        { network: 'office', call: ['addStaticNat', webIp, '10.1.1.10'] },
        { network: 'office', call: ['applyFirewall', [ingress(webIp, 'tcp')]] },
        {
          says: 'a rule of one port comes before the static NAT of the address, as a port forward does',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 80, outcome: 'reaches db' },
            { from: 'internet', to: webIp, tcp: 8080, outcome: 'reaches web', atPort: 8080 },
          ],
        },
        { open: 'balanced', from: 'internet', to: webIp, tcp: 80 },
        { open: 'other feed', from: 'internet', to: webIp, tcp: 7000 },
        { network: 'office', call: ['applyBalancing', [revoked(web()), revoked(feed)]] },
        {
          says: 'HB: revoked',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 80, outcome: 'reaches web', atPort: 80 },
            { connection: 'balanced', outcome: 'ended' },
            { connection: 'other feed', outcome: 'ended' },
          ],
        },
      ],
    },
    {
      name: 'in a VPC',
      steps: [
        { network: 'tier', call: ['applyBalancing', [till]] },
        {
          says: 'C 5.10',
          outcomes: [
            { from: 'internet', to: tillIp, tcp: 443, outcome: 'reaches till', atPort: 8080 },
            { from: 'shelf', to: tillIp, tcp: 443, outcome: 'reaches till', atPort: 8080 },
          ],
        },
        {
          network: 'tier',
          call: ['applyAcl', [acl(1, 'allow', 'ingress', 'tcp', { ports: 8080, cidrs: ['198.51.100.77/32'] })]],
        },
        {
          says: "HB: in VPC tiers the ACLs decide, by the guests' port",
          outcomes: [
            { from: '198.51.100.77', to: tillIp, tcp: 443, outcome: 'reaches till' },
            { from: 'internet', to: tillIp, tcp: 443, outcome: 'dropped' },
            { from: 'shelf', to: tillIp, tcp: 443, outcome: 'dropped' },
          ],
        },
        { network: 'tier', call: ['applyAcl', [acl(1, 'allow', 'ingress', 'tcp', { ports: 443 })]] },
        {
          says: 'the public port is nothing that an ACL speaks of',
          outcomes: [{ from: 'internet', to: tillIp, tcp: 443, outcome: 'dropped' }],
        },
        { network: 'tier', call: ['applyAcl', [acl(1, 'allow', 'ingress', 'all')]] },
        { network: 'stock', call: ['destroy'] },
        {
          says: "HB: one tier's end leaves the others' load balancing",
          outcomes: [{ from: 'internet', to: tillIp, tcp: 443, outcome: 'reaches till' }],
        },
      ],
    },
  ],
};
