import type { Forward } from '../network.js';
import { type AclEntry, acl } from '../rules.js';
import { type Step, speakerPort, type Table } from './vocabulary.js';

// Each tier's guest has a static NAT address, so that the ACLs alone decide, in both directions.
const webIp = '203.0.113.21';
const dbIp = '203.0.113.22';
const kioskIp = '203.0.113.23';
const forwardIp = '203.0.113.24';
const forward: Forward = { publicIp: forwardIp, publicPort: 2222, privateIp: '10.9.1.10', privatePort: 22 };

const front = (...entries: AclEntry[]): Step => ({ network: 'front', call: ['applyAcl', entries] });
const back = (...entries: AclEntry[]): Step => ({ network: 'back', call: ['applyAcl', entries] });

/** The list as CloudStack sends `default_allow`. */
const allowAll = [acl(1, 'allow', 'ingress', 'all'), acl(2, 'allow', 'egress', 'all')] as const;

export const aclTable: Table = {
  subject: 'ACL',
  vpcs: { shop: { id: 9, cidr: '10.9.0.0/16' } },
  networks: {
    front: { id: 51, vlan: 100, prefix: '10.9.1', vpcId: 9 },
    back: { id: 52, vlan: 101, prefix: '10.9.2', vpcId: 9 },
    open: { id: 510, vlan: 102, prefix: '10.9.3', vpcId: 9 },
  },
  guests: {
    web: { network: 'front', host: 10, speaks: true },
    db: { network: 'back', host: 10 },
    kiosk: { network: 'open', host: 10 },
  },
  setUp: [
    { vpc: 'shop', call: ['implement'] },
    { network: 'front', call: ['implement'] },
    { network: 'back', call: ['implement'] },
    { network: 'open', call: ['implement'] },
    { network: 'front', call: ['assign', webIp] },
    { network: 'front', call: ['assign', forwardIp] },
    { network: 'back', call: ['assign', dbIp] },
    { network: 'open', call: ['assign', kioskIp] },
    { network: 'front', call: ['addStaticNat', webIp, '10.9.1.10'] },
    { network: 'front', call: ['addPortForward', forward] },
    { network: 'back', call: ['addStaticNat', dbIp, '10.9.2.10'] },
    { network: 'open', call: ['addStaticNat', kioskIp, '10.9.3.10'] },
  ],
  scenarios: [
    {
      name: 'no list, and an empty list',
      steps: [
        {
          says: 'HB: ACLs decide in VPC tiers; none was sent',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: 'internet', to: forwardIp, tcp: 2222, outcome: 'reaches web' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'web', to: 'db', tcp: 22, outcome: 'reaches db', seenFrom: '10.9.1.10' },
            { from: 'db', to: 'web', udp: 53, outcome: 'reaches web', seenFrom: '10.9.2.10' },
            { from: 'kiosk', to: 'web', ping: true, outcome: 'answered' },
          ],
        },
        front(),
        {
          says: 'HB apply-network-acl: [] is deny all',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: webIp, ping: true, outcome: 'dropped' },
            { from: 'internet', to: forwardIp, tcp: 2222, outcome: 'dropped' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'dropped' },
            { from: 'web', to: 'internet', udp: 53, outcome: 'dropped' },
            { from: 'web', to: 'db', tcp: 22, outcome: 'dropped' },
            { from: 'db', to: 'web', tcp: 22, outcome: 'dropped' },
            { from: 'kiosk', to: 'web', ping: true, outcome: 'dropped' },
          ],
        },
        {
          says: 'HB wrong list: every rule set of one tier acts on that tier only',
          outcomes: [
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: dbIp },
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'reaches db' },
            { from: 'kiosk', to: 'db', tcp: 22, outcome: 'reaches db' },
            { from: 'db', to: 'kiosk', ping: true, outcome: 'answered' },
            { from: 'internet', to: kioskIp, tcp: 80, outcome: 'reaches kiosk' },
          ],
        },
        {
          says: 'HB: ACLs are about what goes towards and comes from vn-, through the namespace',
          outcomes: [{ from: 'web', to: '10.9.1.1', ping: true, outcome: 'answered' }],
        },
      ],
    },
    {
      name: 'order',
      steps: [
        // Neither the position in the list nor the distance of the numbers means anything.
        front(
          acl(65000, 'allow', 'ingress', 'tcp', { ports: 22 }),
          acl(1, 'deny', 'ingress', 'tcp', { ports: 22, cidrs: ['192.0.2.0/24'] }),
          acl(500, 'deny', 'ingress', 'tcp', { ports: [8080, 8090], cidrs: ['198.51.100.64/26'] }),
          acl(7, 'allow', 'ingress', 'tcp', { ports: [20, 80], cidrs: ['192.0.2.0/25'] }),
          acl(501, 'allow', 'ingress', 'tcp', { ports: 8085 }),
          acl(499, 'allow', 'ingress', 'tcp', { ports: 8090 }),
        ),
        {
          says: 'HB: by number',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: '192.0.2.33', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: '192.0.2.33', to: webIp, tcp: 80, outcome: 'reaches web' },
            { from: '192.0.2.130', to: webIp, tcp: 80, outcome: 'dropped' },
            { from: '198.51.100.77', to: webIp, tcp: 8085, outcome: 'dropped' },
            { from: '198.51.100.9', to: webIp, tcp: 8085, outcome: 'reaches web' },
            { from: '198.51.100.77', to: webIp, tcp: 8090, outcome: 'reaches web' },
            { from: '198.51.100.77', to: webIp, tcp: 8080, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 443, outcome: 'dropped' },
          ],
        },
        front(
          acl(10, 'allow', 'ingress', 'tcp', { cidrs: ['198.51.100.9/32'] }),
          acl(20, 'deny', 'ingress', 'tcp', { ports: 22 }),
          acl(30, 'allow', 'ingress', 'all', { cidrs: ['198.51.100.0/24'] }),
          acl(40, 'deny', 'ingress', 'all'),
          acl(50, 'allow', 'ingress', 'udp', { ports: 53 }),
        ),
        {
          says: 'HB: by number; an entry after one that decides says nothing',
          outcomes: [
            { from: '198.51.100.9', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: '198.51.100.77', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: '198.51.100.77', to: webIp, tcp: 80, outcome: 'reaches web' },
            { from: '198.51.100.77', to: webIp, ping: true, outcome: 'answered' },
            { from: '192.0.2.33', to: webIp, udp: 53, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'directions',
      steps: [
        front(
          acl(10, 'allow', 'ingress', 'tcp', { ports: 22, cidrs: ['198.51.100.0/24'] }),
          acl(20, 'deny', 'egress', 'tcp', { ports: 25 }),
          acl(30, 'allow', 'egress', 'tcp', { ports: [25, 80], cidrs: ['192.0.2.0/24'] }),
        ),
        {
          says: 'HB: ingress = towards vn-, source = sourceCidrs; egress = from vn-, destination = sourceCidrs',
          outcomes: [
            { from: '198.51.100.9', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: '192.0.2.33', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: '192.0.2.33', to: webIp, tcp: 80, outcome: 'dropped' },
            { from: 'web', to: '192.0.2.33', tcp: 80, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'web', to: '198.51.100.9', tcp: 80, outcome: 'dropped' },
            { from: 'web', to: '192.0.2.33', tcp: 25, outcome: 'dropped' },
            { from: 'web', to: '192.0.2.33', udp: 53, outcome: 'dropped' },
          ],
        },
        front(acl(10, 'Allow', 'Egress', 'ALL'), acl(20, 'ALLOW', 'Ingress', 'ICMP', { icmp: [8, 0] })),
        {
          says: 'C 6.2: accept case-insensitively; HB: established pass',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 25, outcome: 'reaches internet' },
            { from: 'web', to: 'internet', udp: 999, outcome: 'refused' },
            { from: 'web', to: 'internet', icmp: '13/0', outcome: 'answered' },
            { from: 'internet', to: webIp, ping: true, outcome: 'answered' },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'protocols and addresses',
      steps: [
        front(
          acl(1, 'allow', 'ingress', '6', { ports: [22, 23], cidrs: ['198.51.100.77/24'] }),
          acl(2, 'deny', 'ingress', '17', { ports: 53, cidrs: ['192.0.2.0/25'] }),
          acl(3, 'allow', 'ingress', '17'),
          acl(4, 'allow', 'ingress', '47'),
          acl(5, 'allow', 'ingress', 'TCP', { ports: 80, cidrs: ['::/0'] }),
          acl(6, 'allow', 'ingress', 'tcp', { ports: 443, cidrs: [] }),
          acl(7, 'allow', 'ingress', 'icmp', { icmp: [13, -1] }),
          acl(8, 'deny', 'ingress', 'tcp', { ports: 8080, cidrs: ['::/0'] }),
          acl(9, 'allow', 'ingress', 'tcp', { ports: [8080, 8090], cidrs: ['2001:db8::/32', '192.0.2.0/25'] }),
        ),
        {
          says: 'HB: protocol is a name, `all`, or a number as text; C 11.14: numbers with ports',
          outcomes: [
            { from: '198.51.100.9', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: '198.51.100.9', to: webIp, tcp: 23, outcome: 'refused' },
            { from: '192.0.2.33', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: '192.0.2.33', to: webIp, udp: 53, outcome: 'dropped' },
            { from: '192.0.2.33', to: webIp, udp: 123, outcome: 'reaches web' },
            { from: '198.51.100.9', to: webIp, udp: 53, outcome: 'reaches web' },
            { from: 'internet', to: webIp, protocol: 47, at: 'web', outcome: 'reaches web' },
            { from: 'internet', to: webIp, protocol: 99, at: 'web', outcome: 'dropped' },
          ],
        },
        {
          says: 'C 6.2: icmpType and icmpCode, -1 is any',
          outcomes: [
            { from: 'internet', to: webIp, icmp: '13/0', outcome: 'answered' },
            { from: 'internet', to: webIp, icmp: '8/0', outcome: 'dropped' },
          ],
        },
        {
          says: 'HB: IPv6 CIDRs never widen an IPv4 rule; C 6.1: [] is any',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 80, outcome: 'dropped' },
            { from: '192.0.2.130', to: webIp, tcp: 443, outcome: 'reaches web' },
            { from: '192.0.2.33', to: webIp, tcp: 8080, outcome: 'reaches web' },
            { from: '198.51.100.9', to: webIp, tcp: 8085, outcome: 'dropped' },
          ],
        },
        front(
          acl(1, 'deny', 'ingress', 'icmp', { icmp: [8, 0], cidrs: ['192.0.2.0/24'] }),
          acl(2, 'allow', 'ingress', 'icmp', { icmp: [-1, -1] }),
          acl(3, 'allow', 'ingress', '1', { icmp: [8, 0], cidrs: ['192.0.2.0/24'] }),
        ),
        {
          says: 'C 6.2: icmpType and icmpCode, -1 is any; HB: by number',
          outcomes: [
            { from: '192.0.2.33', to: webIp, icmp: '8/0', outcome: 'dropped' },
            { from: '192.0.2.33', to: webIp, icmp: '8/1', outcome: 'answered' },
            { from: '192.0.2.33', to: webIp, icmp: '13/0', outcome: 'answered' },
            { from: '198.51.100.9', to: webIp, ping: true, outcome: 'answered' },
          ],
        },
      ],
    },
    {
      name: 'after DNAT',
      steps: [
        front(acl(10, 'allow', 'ingress', 'tcp', { ports: 2222 })),
        {
          says: 'HB: ingress = towards vn-, so the private port counts',
          outcomes: [{ from: 'internet', to: forwardIp, tcp: 2222, outcome: 'dropped' }],
        },
        { network: 'front', call: ['applyAcl', [acl(10, 'allow', 'ingress', 'tcp', { ports: 22 })], { inline: true }] },
        {
          says: 'HB: ingress = towards vn-, so the private port counts',
          outcomes: [
            { from: 'internet', to: forwardIp, tcp: 2222, outcome: 'reaches web', atPort: 22 },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: 'internet', to: webIp, tcp: 2222, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'from tier to tier',
      steps: [
        front(acl(10, 'allow', 'egress', 'tcp', { ports: [22, 80], cidrs: ['10.9.2.0/24'] })),
        back(acl(10, 'allow', 'ingress', 'tcp', { ports: [22, 22], cidrs: ['10.9.1.0/24'] })),
        {
          says: 'HB wrong list: traffic between tiers passes both ACLs, out of one, into the other',
          outcomes: [
            { from: 'web', to: 'db', tcp: 22, outcome: 'reaches db', seenFrom: '10.9.1.10' },
            { from: 'web', to: 'db', tcp: 80, outcome: 'dropped' },
            { from: 'web', to: 'kiosk', tcp: 22, outcome: 'dropped' },
            { from: 'kiosk', to: 'db', tcp: 22, outcome: 'dropped' },
            { from: 'kiosk', to: 'web', tcp: 22, outcome: 'dropped' },
            { from: 'db', to: 'web', tcp: 22, outcome: 'dropped' },
            { from: 'db', to: 'kiosk', tcp: 22, outcome: 'dropped' },
          ],
        },
        front(
          acl(10, 'deny', 'egress', 'tcp', { ports: 22, cidrs: ['10.9.2.10/32'] }),
          acl(20, 'allow', 'egress', 'all'),
        ),
        back(acl(10, 'allow', 'ingress', 'all', { cidrs: ['10.9.0.0/16'] })),
        {
          says: 'HB wrong list: out of one, into the other',
          outcomes: [
            { from: 'web', to: 'db', tcp: 22, outcome: 'dropped' },
            { from: 'web', to: 'db', tcp: 80, outcome: 'reaches db' },
            { from: 'kiosk', to: 'db', tcp: 22, outcome: 'reaches db' },
            { from: 'web', to: 'kiosk', tcp: 22, outcome: 'reaches kiosk' },
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'replaced on a live tier',
      steps: [
        front(acl(10, 'allow', 'ingress', 'tcp', { ports: [1, 80] }), acl(20, 'allow', 'egress', 'all')),
        { open: 'with a server that speaks, stays allowed', from: '198.51.100.9', to: webIp, tcp: speakerPort },
        { open: 'with a server that speaks, is denied', from: '198.51.100.77', to: webIp, tcp: speakerPort },
        back(...allowAll),
        { open: 'inwards, stays allowed', from: 'internet', to: webIp, tcp: 80 },
        { open: 'inwards, is denied', from: 'internet', to: webIp, tcp: 22 },
        { open: 'outwards, stays allowed', from: 'web', to: 'internet', tcp: 443 },
        { open: 'outwards, is denied', from: 'web', to: 'internet', tcp: 8080 },
        { open: 'of another tier', from: 'internet', to: dbIp, tcp: 22 },
        { open: 'between tiers, stays allowed', from: 'web', to: 'db', tcp: 443 },
        front(
          acl(10, 'deny', 'ingress', 'tcp', { ports: 22 }),
          acl(12, 'deny', 'ingress', 'tcp', { ports: 7, cidrs: ['198.51.100.64/26'] }),
          acl(15, 'allow', 'ingress', 'tcp', { ports: [1, 1024] }),
          acl(20, 'allow', 'egress', 'tcp', { ports: 443 }),
          acl(30, 'allow', 'egress', 'all', { cidrs: ['198.51.100.64/26'] }),
        ),
        {
          says: 'HB: established pass; A: after an allow rule disappears its connections end',
          outcomes: [
            { connection: 'inwards, stays allowed', outcome: 'goes on' },
            { connection: 'inwards, is denied', outcome: 'ended' },
            { connection: 'outwards, stays allowed', outcome: 'goes on' },
            { connection: 'outwards, is denied', outcome: 'ended' },
            { connection: 'of another tier', outcome: 'goes on' },
            { connection: 'with a server that speaks, stays allowed', outcome: 'goes on' },
            { connection: 'with a server that speaks, is denied', outcome: 'ended' },
            { connection: 'between tiers, stays allowed', outcome: 'goes on' },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 443, outcome: 'reaches web' },
          ],
        },
        {
          network: 'front',
          refused: ['applyAcl', [...allowAll, acl(4711, 'allow', 'ingress', 'tcp', { cidrs: ['10.0.0.0/40'] })]],
          naming: '4711',
        },
        {
          network: 'front',
          refused: ['applyAcl', [acl(4712, 'permit', 'ingress', 'tcp'), ...allowAll]],
          naming: '4712',
        },
        {
          says: 'HB always: nothing half-done stays behind; C 11.14: do not fail open, nor drop everything',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 80, outcome: 'reaches web' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'dropped' },
            { connection: 'outwards, stays allowed', outcome: 'goes on' },
          ],
        },
        front(...allowAll),
        {
          says: 'HB: allow',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: 'web', to: 'db', tcp: 22, outcome: 'reaches db' },
            { from: 'web', to: 'internet', ping: true, outcome: 'answered' },
          ],
        },
      ],
    },
  ],
};
