import { egress, type FirewallRule, ingress } from '../rules.js';
import type { Step, Table } from './vocabulary.js';

const web = '10.1.1.10/32';

/** The policy of the offering is that everything may go out: what is listed is dropped. */
const droppingListed = (...rules: FirewallRule[]): Step => ({
  network: 'office',
  call: ['applyFirewall', rules, { egressAllow: true }],
});
/** The policy is that nothing may go out: what is listed passes. */
const passingListed = (...rules: FirewallRule[]): Step => ({
  network: 'office',
  call: ['applyFirewall', rules, { egressAllow: false }],
});

export const firewallEgressTable: Table = {
  subject: 'firewall, egress',
  networks: {
    office: { id: 42, vlan: 100 },
    annex: { id: 421, vlan: 101, prefix: '10.1.2' },
  },
  guests: {
    web: { network: 'office', host: 10 },
    db: { network: 'office', host: 11 },
    desk: { network: 'annex', host: 10 },
  },
  setUp: [
    { network: 'office', call: ['implement'] },
    { network: 'office', call: ['assign', '203.0.113.10', { sourceNat: true }] },
    { network: 'office', call: ['assign', '203.0.113.11'] },
    { network: 'office', call: ['addStaticNat', '203.0.113.11', '10.1.1.10'] },
    { network: 'annex', call: ['implement'] },
    { network: 'annex', call: ['assign', '203.0.113.20', { sourceNat: true }] },
  ],
  scenarios: [
    {
      name: 'policy allow',
      steps: [
        droppingListed(),
        {
          says: 'HB: default_egress_allow=true, the rest passes',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 25, outcome: 'reaches internet', seenFrom: '203.0.113.11' },
            { from: 'db', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
            { from: 'db', to: 'internet', ping: true, outcome: 'answered' },
          ],
        },
        droppingListed(
          egress('tcp', { ports: 25, from: ['10.1.1.0/24'], to: ['0.0.0.0/0'] }),
          egress('udp', { ports: [50, 60], to: ['192.0.2.0/24', '198.51.100.128/25'] }),
          egress('tcp', { ports: 443, from: [web] }),
          egress('icmp', { icmp: [8, 0], to: ['192.0.2.33/32'] }),
        ),
        {
          says: 'HB: default_egress_allow=true, listed rules drop; C 6.1: source and destination CIDRs',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 25, outcome: 'dropped' },
            { from: 'db', to: '192.0.2.33', tcp: 25, outcome: 'dropped' },
            { from: 'db', to: '192.0.2.33', udp: 53, outcome: 'dropped' },
            { from: 'db', to: '198.51.100.200', udp: 53, outcome: 'dropped' },
            { from: 'db', to: 'internet', udp: 53, outcome: 'reaches internet' },
            { from: 'db', to: '192.0.2.33', udp: 123, outcome: 'reaches internet' },
            { from: 'web', to: 'internet', tcp: 443, outcome: 'dropped' },
            { from: 'db', to: 'internet', tcp: 443, outcome: 'reaches internet' },
            { from: 'db', to: '192.0.2.33', ping: true, outcome: 'dropped' },
            { from: 'db', to: '192.0.2.33', icmp: '13/0', outcome: 'answered' },
            { from: 'db', to: '192.0.2.130', ping: true, outcome: 'answered' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet' },
          ],
        },
        {
          says: 'HB: one network only',
          outcomes: [{ from: 'desk', to: 'internet', tcp: 25, outcome: 'reaches internet' }],
        },
      ],
    },
    {
      name: 'policy deny',
      steps: [
        passingListed(ingress('203.0.113.11', 'tcp', { ports: 22 })),
        {
          says: 'HB: default_egress_allow=false, new connections otherwise drop',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'dropped' },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'dropped' },
            { from: 'db', to: 'internet', udp: 53, outcome: 'dropped' },
            { from: 'db', to: 'internet', ping: true, outcome: 'dropped' },
          ],
        },
        {
          says: 'HB: established pass',
          outcomes: [{ from: 'internet', to: '203.0.113.11', tcp: 22, outcome: 'reaches web' }],
        },
        {
          says: 'HB names: CS_EXTNET_FWRULES is about what is forwarded; the gateway is no destination outside',
          outcomes: [{ from: 'db', to: '10.1.1.1', ping: true, outcome: 'answered' }],
        },
        {
          says: 'HB: one network only',
          outcomes: [{ from: 'desk', to: 'internet', tcp: 80, outcome: 'reaches internet' }],
        },
        passingListed(
          egress('tcp', { ports: [80, 443], from: ['10.1.1.0/27'], to: ['198.51.100.0/25', '192.0.2.0/24'] }),
          egress('udp', { ports: 53 }),
          egress('icmp', { icmp: [8, -1], to: ['192.0.2.0/24'] }),
          egress('tcp', { ports: 8080, from: [web] }),
          egress('all', { from: ['10.1.1.11/32'], to: ['192.0.2.128/25'] }),
        ),
        {
          says: 'HB: default_egress_allow=false, listed rules pass; C 6.1: source and destination CIDRs',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.11' },
            { from: 'db', to: '192.0.2.33', tcp: 443, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
            { from: 'web', to: '198.51.100.200', tcp: 80, outcome: 'dropped' },
            { from: 'web', to: 'internet', tcp: 25, outcome: 'dropped' },
            { from: 'web', to: 'internet', udp: 53, outcome: 'reaches internet' },
            { from: 'web', to: 'internet', udp: 123, outcome: 'dropped' },
            { from: 'web', to: '192.0.2.33', ping: true, outcome: 'answered' },
            { from: 'web', to: '192.0.2.33', icmp: '13/0', outcome: 'dropped' },
            { from: 'web', to: 'internet', ping: true, outcome: 'dropped' },
            { from: 'web', to: '198.51.100.200', tcp: 8080, outcome: 'reaches internet' },
            { from: 'db', to: 'internet', tcp: 8080, outcome: 'dropped' },
            { from: 'db', to: '192.0.2.130', tcp: 25, outcome: 'reaches internet' },
            { from: 'db', to: '192.0.2.130', icmp: '13/0', outcome: 'answered' },
            { from: 'db', to: '192.0.2.130', protocol: 47, at: 'internet', outcome: 'reaches internet' },
            { from: 'web', to: '192.0.2.130', tcp: 25, outcome: 'dropped' },
            { from: 'web', to: '198.51.100.200', protocol: 47, at: 'internet', outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'the policy changes',
      steps: [
        passingListed(egress('tcp', { ports: 25 })),
        {
          says: 'HB: default_egress_allow=false, listed rules pass',
          outcomes: [
            { from: 'db', to: 'internet', tcp: 25, outcome: 'reaches internet' },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'dropped' },
          ],
        },
        droppingListed(egress('tcp', { ports: 25 })),
        {
          says: 'HB: default_egress_allow=true, listed rules drop',
          outcomes: [
            { from: 'db', to: 'internet', tcp: 25, outcome: 'dropped' },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet' },
          ],
        },
        passingListed(egress('tcp', { ports: 25 })),
        {
          says: 'HB: default_egress_allow=false, listed rules pass',
          outcomes: [
            { from: 'db', to: 'internet', tcp: 25, outcome: 'reaches internet' },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'dropped' },
          ],
        },
      ],
    },
    {
      name: 'protocols and kinds of addresses',
      steps: [
        passingListed(
          egress('6', { ports: 80, to: ['192.0.2.77/25'] }),
          egress('UDP', { ports: 53, to: ['::/0'] }),
          egress('17', { ports: 123, to: ['::/0', '198.51.100.9/32'] }),
          egress('tcp', { ports: 443, from: ['2001:db8::/64'] }),
          egress('1', { icmp: [13, -1] }),
          egress('47', { from: [web] }),
        ),
        {
          says: 'HB: protocol is a name, `all`, or a number as text; CIDR with host bits',
          outcomes: [
            { from: 'db', to: '192.0.2.33', tcp: 80, outcome: 'reaches internet' },
            { from: 'db', to: '192.0.2.130', tcp: 80, outcome: 'dropped' },
            { from: 'db', to: 'internet', icmp: '13/0', outcome: 'answered' },
            { from: 'db', to: 'internet', ping: true, outcome: 'dropped' },
            { from: 'web', to: '192.0.2.33', protocol: 47, at: 'internet', outcome: 'reaches internet' },
          ],
        },
        {
          says: 'HB: IPv6 CIDRs never widen an IPv4 rule',
          outcomes: [
            { from: 'db', to: 'internet', udp: 53, outcome: 'dropped' },
            { from: 'db', to: 'internet', udp: 123, outcome: 'reaches internet' },
            { from: 'db', to: '192.0.2.33', udp: 123, outcome: 'dropped' },
            { from: 'db', to: 'internet', tcp: 443, outcome: 'dropped' },
          ],
        },
        droppingListed(egress('tcp', { ports: 80, to: ['::/0'] }), egress('ALL', { to: ['192.0.2.0/25'] })),
        {
          says: 'HB: IPv6 CIDRs never widen an IPv4 rule, not one that drops either; C 6.1: all',
          outcomes: [
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet' },
            { from: 'db', to: '192.0.2.33', tcp: 80, outcome: 'dropped' },
            { from: 'db', to: '192.0.2.33', ping: true, outcome: 'dropped' },
            { from: 'db', to: '192.0.2.33', udp: 53, outcome: 'dropped' },
            { from: 'db', to: '192.0.2.130', udp: 53, outcome: 'reaches internet' },
          ],
        },
      ],
    },
    {
      name: 'established connections and bad rules',
      steps: [
        droppingListed(),
        { open: 'that stays allowed', from: 'web', to: 'internet', tcp: 80 },
        { open: 'that is not allowed any more', from: 'web', to: 'internet', tcp: 443 },
        { open: 'of another network', from: 'desk', to: 'internet', tcp: 443 },
        passingListed(egress('tcp', { ports: 80 })),
        {
          says: 'HB: established pass; A: after an allow rule disappears its connections end',
          outcomes: [
            { connection: 'that stays allowed', outcome: 'goes on' },
            { connection: 'that is not allowed any more', outcome: 'ended' },
            { connection: 'of another network', outcome: 'goes on' },
            { from: 'web', to: 'internet', tcp: 443, outcome: 'dropped' },
          ],
        },
        {
          network: 'office',
          refused: [
            'applyFirewall',
            [egress('tcp', { ports: 443 }), egress('tcp', { ports: 22, to: ['10.0.0.300/8'], id: 7101 })],
            { egressAllow: true },
          ],
          naming: '7101',
        },
        {
          network: 'office',
          refused: ['applyFirewall', [egress('ipx', { id: 7102 })], { egressAllow: true }],
          naming: '7102',
        },
        {
          says: 'HB: one bad rule rejects the whole call and the old set stays in force',
          outcomes: [
            { connection: 'that stays allowed', outcome: 'goes on' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet' },
            { from: 'web', to: 'internet', tcp: 443, outcome: 'dropped' },
            { from: 'db', to: 'internet', udp: 53, outcome: 'dropped' },
          ],
        },
      ],
    },
  ],
};
