import type { Forward } from '../network.js';
import { egress, type FirewallRule, ingress } from '../rules.js';
import { type Expected, type Step, speakerPort, type Table } from './vocabulary.js';

// Of the office: web has a static NAT address, db another, and the source NAT address leads some ports to web.
const webIp = '203.0.113.11';
const dbIp = '203.0.113.12';
const sharedIp = '203.0.113.10';
const longIp = '203.100.113.110';
const annexIp = '203.0.113.21';

const ssh: Forward = { publicIp: sharedIp, publicPort: 2222, privateIp: '10.1.1.10', privatePort: 22 };

const office = (rules: readonly FirewallRule[]): Step => ({ network: 'office', call: ['applyFirewall', rules] });
const annex = (rules: readonly FirewallRule[]): Step => ({ network: 'annex', call: ['applyFirewall', rules] });

/** Ranges and networks that overlap, lie in each other and are in no order. */
const overlapping: readonly FirewallRule[] = [
  ingress(webIp, 'tcp', { ports: [60, 90], from: ['198.51.100.64/26'] }),
  ingress(webIp, 'tcp', { ports: [20, 100], from: ['198.51.100.0/26'] }),
  ingress(webIp, 'tcp', { ports: 22, from: ['0.0.0.0/0'] }),
  ingress(webIp, 'tcp', { ports: 80, from: ['192.0.2.32/27'] }),
  ingress(webIp, 'tcp', { ports: [80, 443], from: ['192.0.2.0/24'] }),
  ingress(webIp, 'tcp', { ports: [22, 22], from: ['198.51.100.9/32', '198.51.100.0/24'] }),
];

const overlappingOutcomes = (): Expected[] => [
  { from: '198.51.100.9', to: webIp, tcp: 80, outcome: 'reaches web' },
  { from: '198.51.100.9', to: webIp, tcp: 443, outcome: 'dropped' },
  { from: '198.51.100.77', to: webIp, tcp: 80, outcome: 'reaches web' },
  { from: '198.51.100.200', to: webIp, tcp: 80, outcome: 'dropped' },
  { from: '198.51.100.200', to: webIp, tcp: 22, outcome: 'reaches web' },
  { from: '192.0.2.33', to: webIp, tcp: 80, outcome: 'reaches web' },
  { from: '192.0.2.130', to: webIp, tcp: 443, outcome: 'reaches web' },
  { from: '192.0.2.130', to: webIp, tcp: 22, outcome: 'reaches web' },
];

export const firewallIngressTable: Table = {
  subject: 'firewall, ingress',
  networks: {
    office: { id: 42, vlan: 100 },
    annex: { id: 43, vlan: 101, prefix: '10.1.2' },
  },
  guests: {
    web: { network: 'office', host: 10, speaks: true },
    db: { network: 'office', host: 11 },
    desk: { network: 'annex', host: 10 },
  },
  setUp: [
    { network: 'office', call: ['implement'] },
    { network: 'office', call: ['assign', sharedIp, { sourceNat: true }] },
    { network: 'office', call: ['assign', webIp] },
    { network: 'office', call: ['assign', dbIp] },
    { network: 'office', call: ['assign', longIp, { gateway: '' }] },
    { network: 'office', call: ['addStaticNat', webIp, '10.1.1.10'] },
    { network: 'office', call: ['addStaticNat', dbIp, '10.1.1.11'] },
    { network: 'office', call: ['addPortForward', ssh] },
    {
      network: 'office',
      call: ['addPortForward', { ...ssh, publicPort: '9080-9090', privatePort: '8080-8090' }],
    },
    {
      network: 'office',
      call: ['addPortForward', { ...ssh, publicIp: longIp, publicPort: 22, privateIp: '10.1.1.11' }],
    },
    {
      network: 'office',
      call: ['addPortForward', { ...ssh, publicIp: longIp, publicPort: 80, privateIp: '10.1.1.11', privatePort: 80 }],
    },
    { network: 'annex', call: ['implement'] },
    { network: 'annex', call: ['assign', '203.0.113.20', { sourceNat: true }] },
    { network: 'annex', call: ['assign', annexIp] },
    { network: 'annex', call: ['addStaticNat', annexIp, '10.1.2.10'] },
  ],
  scenarios: [
    {
      name: 'before and after the first rule set',
      steps: [
        {
          says: 'HB apply-fw-rules: closed once a rule set has been applied, so not before',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: 'internet', to: webIp, ping: true, outcome: 'answered' },
            { from: 'internet', to: dbIp, udp: 53, outcome: 'reaches db' },
            { from: 'internet', to: sharedIp, tcp: 2222, outcome: 'reaches web' },
            { from: 'internet', to: longIp, tcp: 22, outcome: 'reaches db' },
          ],
        },
        office([]),
        {
          says: 'HB: a public IP with static NAT or port forwards and no ingress rule is closed; C 12: no rules is a set',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: webIp, udp: 53, outcome: 'dropped' },
            { from: 'internet', to: webIp, ping: true, outcome: 'dropped' },
            { from: '192.0.2.33', to: dbIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: sharedIp, tcp: 2222, outcome: 'dropped' },
            { from: 'internet', to: sharedIp, tcp: 9085, outcome: 'dropped' },
            { from: 'internet', to: longIp, tcp: 22, outcome: 'dropped' },
          ],
        },
        {
          says: 'HB: established/related pass',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: webIp },
            { from: 'db', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: dbIp },
            { from: 'web', to: 'internet', ping: true, outcome: 'answered' },
            { from: 'web', to: 'internet', udp: 999, outcome: 'refused' },
          ],
        },
        {
          says: 'HB: once applied to *a* network',
          outcomes: [{ from: 'internet', to: annexIp, tcp: 22, outcome: 'reaches desk' }],
        },
      ],
    },
    {
      name: 'sources',
      steps: [
        office([
          ingress(webIp, 'tcp', { ports: 22, from: ['198.51.100.77/24'] }),
          ingress(webIp, 'tcp', { ports: 80, from: ['198.51.100.9/32', '192.0.2.128/25'] }),
          ingress(webIp, 'tcp', { ports: 443 }),
          ingress(webIp, 'tcp', { ports: 8080, from: ['::/0'] }),
          ingress(webIp, 'tcp', { ports: 8085, from: ['2001:db8::/32', '192.0.2.0/25'] }),
          ingress(webIp, 'tcp', { ports: 8090, from: ['0.0.0.0/0', '::/0'] }),
        ]),
        {
          says: 'HB: per public IP an allow-list, the rest is dropped (a /24 with host bits)',
          outcomes: [
            { from: '198.51.100.9', to: webIp, tcp: 22, outcome: 'reaches web', seenFrom: '198.51.100.9' },
            { from: '198.51.100.200', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: '192.0.2.33', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: '198.51.100.9', to: webIp, udp: 53, outcome: 'dropped' },
            { from: '198.51.100.9', to: webIp, ping: true, outcome: 'dropped' },
            { from: '198.51.100.9', to: dbIp, tcp: 22, outcome: 'dropped' },
          ],
        },
        {
          says: 'C 6.1: sourceCidrs are the remote side',
          outcomes: [
            { from: '198.51.100.9', to: webIp, tcp: 80, outcome: 'reaches web' },
            { from: '198.51.100.77', to: webIp, tcp: 80, outcome: 'dropped' },
            { from: '192.0.2.130', to: webIp, tcp: 80, outcome: 'reaches web' },
            { from: '192.0.2.33', to: webIp, tcp: 80, outcome: 'dropped' },
          ],
        },
        {
          says: 'C 6.1: [] is any',
          outcomes: [
            { from: '192.0.2.33', to: webIp, tcp: 443, outcome: 'reaches web' },
            { from: '198.51.100.77', to: webIp, tcp: 443, outcome: 'reaches web' },
          ],
        },
        {
          says: 'HB: IPv6 CIDRs never widen an IPv4 rule',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 8080, outcome: 'dropped' },
            { from: '192.0.2.33', to: webIp, tcp: 8085, outcome: 'reaches web' },
            { from: '198.51.100.9', to: webIp, tcp: 8085, outcome: 'dropped' },
            { from: '192.0.2.130', to: webIp, tcp: 8085, outcome: 'dropped' },
            { from: '192.0.2.130', to: webIp, tcp: 8090, outcome: 'reaches web' },
          ],
        },
      ],
    },
    {
      name: 'ports',
      steps: [
        office([
          ingress(webIp, 'tcp', { ports: [8080, 8085] }),
          ingress(webIp, 'udp', { ports: [1, 65535] }),
          ingress(dbIp, 'tcp'),
        ]),
        {
          says: 'C 6.1: portStart to portEnd',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 8080, outcome: 'reaches web' },
            { from: 'internet', to: webIp, tcp: 8085, outcome: 'reaches web' },
            { from: 'internet', to: webIp, tcp: 8082, outcome: 'refused' },
            { from: 'internet', to: webIp, tcp: 8079, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 8086, outcome: 'dropped' },
            { from: 'internet', to: webIp, udp: 53, outcome: 'reaches web' },
            { from: 'internet', to: webIp, udp: 65535, outcome: 'refused' },
          ],
        },
        {
          says: 'C 6.1: ports are optional, so without them all',
          outcomes: [
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'reaches db' },
            { from: 'internet', to: dbIp, tcp: 443, outcome: 'reaches db' },
            { from: 'internet', to: dbIp, udp: 53, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'overlapping, nested and unordered rules',
      steps: [
        office(overlapping),
        { says: 'HB: an allow-list has no order', outcomes: overlappingOutcomes() },
        office([...overlapping].reverse()),
        { says: 'HB: an allow-list has no order (reversed)', outcomes: overlappingOutcomes() },
        office(overlapping.filter((rule) => !rule.sourceCidrs.includes('0.0.0.0/0'))),
        {
          says: 'HB: always the complete set',
          outcomes: [
            { from: '192.0.2.130', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: '198.51.100.200', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: '192.0.2.33', to: webIp, tcp: 80, outcome: 'reaches web' },
          ],
        },
      ],
    },
    {
      name: 'ICMP types and codes',
      steps: [
        office([
          ingress(webIp, 'icmp', { icmp: [8, 0] }),
          ingress(dbIp, 'icmp', { icmp: [13, -1] }),
          ingress(sharedIp, 'icmp', { icmp: [-1, -1] }),
        ]),
        {
          says: 'C 6.1: icmpType, icmpCode, -1 is any',
          outcomes: [
            { from: 'internet', to: webIp, ping: true, outcome: 'answered' },
            { from: 'internet', to: webIp, icmp: '8/1', outcome: 'dropped' },
            { from: 'internet', to: webIp, icmp: '13/0', outcome: 'dropped' },
            { from: 'internet', to: dbIp, icmp: '13/0', outcome: 'answered' },
            { from: 'internet', to: dbIp, ping: true, outcome: 'dropped' },
            { from: 'internet', to: sharedIp, ping: true, outcome: 'answered' },
            { from: 'internet', to: sharedIp, icmp: '13/0', outcome: 'answered' },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'dropped' },
          ],
        },
        office([
          ingress(webIp, 'icmp', { icmp: [8, -1], from: ['198.51.100.0/25'] }),
          ingress(dbIp, 'ICMP', { from: ['192.0.2.0/24'] }),
        ]),
        {
          says: 'C 6.1: icmpType and icmpCode are optional, so without them all',
          outcomes: [
            { from: 'internet', to: webIp, icmp: '8/1', outcome: 'answered' },
            { from: '198.51.100.200', to: webIp, ping: true, outcome: 'dropped' },
            { from: '192.0.2.33', to: dbIp, icmp: '13/0', outcome: 'answered' },
            { from: '192.0.2.33', to: dbIp, icmp: '8/0', outcome: 'answered' },
            { from: 'internet', to: dbIp, ping: true, outcome: 'dropped' },
            { from: 'internet', to: sharedIp, ping: true, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'protocols by name and number',
      steps: [
        office([
          ingress(webIp, '6', { ports: 22 }),
          ingress(webIp, '17', { ports: 53 }),
          ingress(webIp, '1', { icmp: [8, -1] }),
          ingress(webIp, '47'),
          ingress(dbIp, 'TCP', { ports: 22 }),
          ingress(dbIp, 'UDP', { ports: 123 }),
          ingress(sharedIp, 'all', { from: ['192.0.2.0/24'] }),
        ]),
        {
          says: 'HB: protocol is a name, `all`, or a number as text',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 22, outcome: 'reaches web' },
            { from: 'internet', to: webIp, tcp: 80, outcome: 'dropped' },
            { from: 'internet', to: webIp, udp: 53, outcome: 'reaches web' },
            { from: 'internet', to: webIp, udp: 123, outcome: 'dropped' },
            { from: 'internet', to: webIp, ping: true, outcome: 'answered' },
            { from: 'internet', to: webIp, icmp: '13/0', outcome: 'dropped' },
            { from: 'internet', to: webIp, protocol: 47, at: 'web', outcome: 'reaches web' },
            { from: 'internet', to: dbIp, protocol: 47, at: 'db', outcome: 'dropped' },
          ],
        },
        {
          says: 'C 5.7: case-insensitively',
          outcomes: [
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'reaches db' },
            { from: 'internet', to: dbIp, tcp: 123, outcome: 'dropped' },
            { from: 'internet', to: dbIp, udp: 123, outcome: 'reaches db' },
          ],
        },
        {
          says: 'C 6.1: protocol all',
          outcomes: [
            { from: '192.0.2.33', to: sharedIp, tcp: 2222, outcome: 'reaches web' },
            { from: '192.0.2.33', to: sharedIp, ping: true, outcome: 'answered' },
            { from: '198.51.100.9', to: sharedIp, tcp: 2222, outcome: 'dropped' },
            { from: '198.51.100.9', to: sharedIp, ping: true, outcome: 'dropped' },
          ],
        },
        office([ingress(dbIp, 'ALL', { from: ['192.0.2.33/32'] })]),
        {
          says: 'C 6.1: protocol all',
          outcomes: [
            { from: '192.0.2.33', to: dbIp, tcp: 443, outcome: 'reaches db' },
            { from: '192.0.2.33', to: dbIp, udp: 53, outcome: 'reaches db' },
            { from: '192.0.2.33', to: dbIp, icmp: '13/0', outcome: 'answered' },
            { from: '192.0.2.33', to: dbIp, protocol: 47, at: 'db', outcome: 'reaches db' },
            { from: '192.0.2.130', to: dbIp, tcp: 443, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'public addresses and public ports',
      steps: [
        office([
          ingress(sharedIp, 'tcp', { ports: 22 }),
          ingress(webIp, 'tcp', { ports: 2222 }),
          ingress(sharedIp, 'tcp', { ports: [9080, 9085] }),
          ingress(longIp, 'tcp', { ports: 22, from: ['192.0.2.0/24'] }),
        ]),
        {
          says: 'HB: ingress is decided before DNAT on the real public IP',
          outcomes: [
            { from: 'internet', to: sharedIp, tcp: 2222, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 2222, outcome: 'refused' },
            { from: 'internet', to: sharedIp, tcp: 9080, outcome: 'reaches web', atPort: 8080 },
            { from: 'internet', to: sharedIp, tcp: 9085, outcome: 'reaches web', atPort: 8085 },
            { from: 'internet', to: sharedIp, tcp: 9090, outcome: 'dropped' },
          ],
        },
        {
          says: 'C 11.2: a public IP of 15 characters is filtered like any other',
          outcomes: [
            { from: '192.0.2.33', to: longIp, tcp: 22, outcome: 'reaches db' },
            { from: '198.51.100.9', to: longIp, tcp: 22, outcome: 'dropped' },
            { from: '192.0.2.33', to: longIp, tcp: 80, outcome: 'dropped' },
          ],
        },
        office([ingress(sharedIp, 'tcp', { ports: 2222 }), ingress(longIp, 'tcp', { ports: 80 })]),
        {
          says: 'HB: ingress is decided before DNAT on the real public IP',
          outcomes: [
            { from: 'internet', to: sharedIp, tcp: 2222, outcome: 'reaches web', atPort: 22 },
            { from: 'internet', to: sharedIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: longIp, tcp: 80, outcome: 'reaches db' },
            { from: '192.0.2.33', to: longIp, tcp: 22, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'established connections',
      steps: [
        office([
          ingress(webIp, 'tcp', { ports: [7, 22], from: ['198.51.100.0/24'] }),
          ingress(dbIp, 'tcp', { ports: [22, 80] }),
        ]),
        { open: 'with a server that speaks, stays', from: '198.51.100.9', to: webIp, tcp: speakerPort },
        { open: 'with a server that speaks, goes', from: '198.51.100.77', to: webIp, tcp: speakerPort },
        { open: 'of a source that stays', from: '198.51.100.9', to: webIp, tcp: 22 },
        { open: 'of a source that goes', from: '198.51.100.77', to: webIp, tcp: 22 },
        { open: 'to a port that stays', from: 'internet', to: dbIp, tcp: 80 },
        { open: 'to a port that goes', from: 'internet', to: dbIp, tcp: 22 },
        { open: 'outwards', from: 'web', to: 'internet', tcp: 80 },
        office([
          ingress(dbIp, 'tcp', { ports: 80 }),
          ingress(webIp, 'tcp', { ports: [1, 100], from: ['198.51.100.9/32'] }),
        ]),
        {
          says: 'HB: the swap is one transaction, established pass; A: after an allow rule disappears its connections end',
          outcomes: [
            { connection: 'of a source that stays', outcome: 'goes on' },
            { connection: 'of a source that goes', outcome: 'ended' },
            { connection: 'to a port that stays', outcome: 'goes on' },
            { connection: 'to a port that goes', outcome: 'ended' },
            { connection: 'outwards', outcome: 'goes on' },
            { connection: 'with a server that speaks, stays', outcome: 'goes on' },
            { connection: 'with a server that speaks, goes', outcome: 'ended' },
            { from: '198.51.100.77', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'a bad rule rejects the whole call',
      steps: [
        office([ingress(webIp, 'tcp', { ports: 80, from: ['198.51.100.0/24'] })]),
        {
          network: 'office',
          refused: [
            'applyFirewall',
            [
              ingress(webIp, 'tcp', { ports: 22 }),
              ingress(webIp, 'tcp', { ports: 443, from: ['10.0.0.0/33'], id: 7001 }),
            ],
          ],
          naming: '7001',
        },
        {
          network: 'office',
          refused: ['applyFirewall', [ingress(webIp, 'tcp', { ports: [443, 22], id: 7002 }), ingress(dbIp, 'tcp')]],
          naming: '7002',
        },
        {
          network: 'office',
          refused: ['applyFirewall', [ingress(webIp, 'tpc', { ports: 22, id: 7003 })]],
          naming: '7003',
        },
        {
          network: 'office',
          refused: ['applyFirewall', [ingress('203.0.113.256', 'tcp', { ports: 22, id: 7004 })]],
          naming: '7004',
        },
        {
          network: 'office',
          refused: ['applyFirewall', [ingress(dbIp, 'tcp', { ports: [1, 65536], id: 7005 })]],
          naming: '7005',
        },
        {
          says: 'HB: one bad rule rejects the whole call, names the rule, and the old set stays in force',
          outcomes: [
            { from: 'internet', to: webIp, tcp: 80, outcome: 'reaches web' },
            { from: 'internet', to: webIp, tcp: 22, outcome: 'dropped' },
            { from: '192.0.2.33', to: webIp, tcp: 80, outcome: 'dropped' },
            { from: 'internet', to: dbIp, tcp: 22, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'the rules of another network',
      steps: [
        annex([egress('tcp', { ports: 25 })]),
        {
          says: 'HB: per network; egress rules open nothing inwards',
          outcomes: [
            { from: 'internet', to: annexIp, tcp: 22, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 80, outcome: 'reaches web' },
          ],
        },
        annex([ingress(annexIp, 'tcp', { ports: 22 })]),
        { network: 'office', call: ['applyFirewall', [], { inline: true }] },
        {
          says: 'HB: always the complete set, of that network',
          outcomes: [
            { from: 'internet', to: annexIp, tcp: 22, outcome: 'reaches desk' },
            { from: 'internet', to: annexIp, tcp: 80, outcome: 'dropped' },
            { from: 'internet', to: webIp, tcp: 80, outcome: 'dropped' },
          ],
        },
      ],
    },
  ],
};
