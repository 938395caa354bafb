import type { Forward } from '../network.js';
import { speakerPort, type Table } from './vocabulary.js';

const ssh: Forward = { publicIp: '203.0.113.10', publicPort: 2222, privateIp: '10.1.1.10', privatePort: 22 };
const web: Forward = { ...ssh, publicIp: '203.0.113.13' };
const speaker: Forward = { ...ssh, publicPort: speakerPort, privateIp: '10.1.1.11', privatePort: speakerPort };
const equalRange: Forward = { ...web, publicPort: '8080-8090', privatePort: '8080-8090' };
const colonRange: Forward = { ...equalRange, publicIp: '203.0.113.14', privateIp: '10.1.1.11' };
const shiftedRange: Forward = { ...web, publicPort: '9080-9090', privatePort: '8080-8090' };
const nameServers: Forward = { ...web, publicPort: '5050-5060', privatePort: '50-60', protocol: 'udp' };

/** Networks 2 and 209, whose ids begin alike, and a public address that only ends like another. */
export const natTable: Table = {
  subject: 'NAT',
  networks: {
    office: { id: 42, vlan: 100 },
    lab: { id: 2, vlan: 101, prefix: '10.1.2' },
    depot: { id: 209, vlan: 102, prefix: '10.1.3' },
  },
  guests: {
    web: { network: 'office', host: 10 },
    db: { network: 'office', host: 11, speaks: true },
    bench: { network: 'lab', host: 10 },
    store: { network: 'depot', host: 10 },
  },
  setUp: [
    { network: 'office', call: ['implement'] },
    { network: 'office', call: ['assign', '203.0.113.10', { sourceNat: true }] },
    { network: 'lab', call: ['implement'] },
    { network: 'depot', call: ['implement'] },
  ],
  scenarios: [
    {
      name: 'source NAT',
      steps: [
        {
          says: 'HB assign-ip: SNAT cidr out of vpn- to the public IP',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
            { from: 'db', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
            { from: 'web', to: '192.0.2.33', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
            { from: 'db', to: 'internet', ping: true, outcome: 'answered' },
            { from: 'db', to: 'internet', protocol: 47, at: 'internet', outcome: 'reaches internet' },
          ],
        },
        {
          says: 'HB implement-network: established/related towards vn-',
          outcomes: [
            { from: 'web', to: 'internet', udp: 999, outcome: 'refused' },
            { from: 'web', to: 'internet', tcp: 999, outcome: 'refused' },
          ],
        },
        {
          says: 'HB assign-ip: address on vpn-, and no DNAT',
          outcomes: [
            { from: 'internet', to: '203.0.113.10', ping: true, outcome: 'answered' },
            { from: 'internet', to: '203.0.113.10', tcp: 22, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.10', udp: 53, outcome: 'closed' },
          ],
        },
        {
          says: 'HB assign-ip: the default route comes with public-gateway',
          outcomes: [
            { from: 'bench', to: 'internet', tcp: 80, outcome: 'closed' },
            { from: 'store', to: 'internet', ping: true, outcome: 'closed' },
          ],
        },
        { network: 'office', call: ['assign', '203.0.113.11'] },
        { network: 'lab', call: ['assign', '203.0.113.20', { sourceNat: true }] },
        {
          says: 'HB assign-ip: SNAT if source-nat=true',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
            { from: 'bench', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.20' },
            { from: 'internet', to: '203.0.113.11', ping: true, outcome: 'answered' },
          ],
        },
      ],
    },
    {
      name: 'static NAT',
      steps: [
        { network: 'office', call: ['addStaticNat', '203.0.113.11', '10.1.1.10'] },
        {
          says: 'HB add-static-nat: DNAT public to private',
          outcomes: [
            { from: 'internet', to: '203.0.113.11', tcp: 22, outcome: 'reaches web', seenFrom: '198.51.100.9' },
            { from: '192.0.2.33', to: '203.0.113.11', udp: 53, outcome: 'reaches web', seenFrom: '192.0.2.33' },
            { from: 'internet', to: '203.0.113.11', ping: true, outcome: 'answered' },
            { from: 'internet', to: '203.0.113.11', tcp: 999, outcome: 'refused' },
            { from: 'internet', to: '203.0.113.11', protocol: 47, at: 'web', outcome: 'reaches web' },
            { from: 'internet', to: '203.0.113.10', tcp: 22, outcome: 'closed' },
          ],
        },
        {
          says: 'HB wrong list: a guest with static NAT is seen from its own public address',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.11' },
            { from: 'web', to: 'internet', udp: 53, outcome: 'reaches internet', seenFrom: '203.0.113.11' },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
          ],
        },
        { network: 'office', call: ['assign', '203.0.113.10', { sourceNat: true }] },
        {
          says: 'HB wrong list: static NAT goes before source NAT',
          outcomes: [
            { from: 'web', to: 'internet', tcp: 443, outcome: 'reaches internet', seenFrom: '203.0.113.11' },
            { from: 'db', to: 'internet', tcp: 443, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
          ],
        },
        { open: 'to the moved address', from: 'internet', to: '203.0.113.11', tcp: 22 },
        { network: 'office', call: ['addStaticNat', '203.0.113.11', '10.1.1.11'] },
        {
          says: 'HB wrong list: another private address moves it',
          outcomes: [
            { from: 'internet', to: '203.0.113.11', tcp: 22, outcome: 'reaches db', seenFrom: '198.51.100.9' },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.11' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
            { connection: 'to the moved address', outcome: 'ended' },
          ],
        },
        { network: 'office', call: ['assign', '203.0.113.12'] },
        { network: 'office', call: ['addStaticNat', '203.0.113.12', '10.1.1.10'] },
        { network: 'office', call: ['deleteStaticNat', '203.0.113.11', '10.1.1.11'] },
        {
          says: 'HB delete-static-nat',
          outcomes: [
            { from: 'internet', to: '203.0.113.11', tcp: 22, outcome: 'closed' },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
            { from: 'internet', to: '203.0.113.12', tcp: 22, outcome: 'reaches web' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.12' },
          ],
        },
      ],
    },
    {
      name: 'port forwards',
      steps: [
        { network: 'office', call: ['assign', '203.0.113.13'] },
        { network: 'office', call: ['addPortForward', ssh] },
        { network: 'office', call: ['addPortForward', { ...web, privateIp: '10.1.1.11' }] },
        { network: 'office', call: ['addPortForward', { ...ssh, publicPort: 5353, privatePort: 53, protocol: 'UDP' }] },
        { network: 'office', call: ['addPortForward', { ...ssh, publicPort: 53, privatePort: 53, protocol: 'udp' }] },
        {
          network: 'office',
          call: [
            'addPortForward',
            { ...ssh, publicPort: 53, privateIp: '10.1.1.11', privatePort: 80, protocol: 'TCP' },
          ],
        },
        {
          says: 'HB add-port-forward: DNAT proto/public-ip/port to private-ip:port',
          outcomes: [
            {
              from: 'internet',
              to: '203.0.113.10',
              tcp: 2222,
              outcome: 'reaches web',
              atPort: 22,
              seenFrom: '198.51.100.9',
            },
            { from: 'internet', to: '203.0.113.13', tcp: 2222, outcome: 'reaches db', atPort: 22 },
            { from: 'internet', to: '203.0.113.10', tcp: 2223, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.10', udp: 2222, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.10', tcp: 22, outcome: 'closed' },
          ],
        },
        {
          says: 'C 5.7: tcp/udp, treat case-insensitively',
          outcomes: [
            { from: 'internet', to: '203.0.113.10', udp: 5353, outcome: 'reaches web', atPort: 53 },
            { from: 'internet', to: '203.0.113.10', tcp: 5353, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.10', udp: 53, outcome: 'reaches web', atPort: 53 },
            { from: 'internet', to: '203.0.113.10', tcp: 53, outcome: 'reaches db', atPort: 80 },
          ],
        },
        {
          says: 'HB assign-ip: source NAT stays what it was',
          outcomes: [{ from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.10' }],
        },
        { open: 'through the deleted forward', from: 'internet', to: '203.0.113.10', tcp: 2222 },
        { open: 'through another forward', from: 'internet', to: '203.0.113.13', tcp: 2222 },
        // On the source NAT address, and port to equal port: what the server sends later would leave just as before.
        { network: 'office', call: ['addPortForward', speaker] },
        { open: 'with a server that speaks', from: 'internet', to: '203.0.113.10', tcp: speakerPort },
        { network: 'office', call: ['deletePortForward', ssh] },
        { network: 'office', call: ['deletePortForward', speaker] },
        {
          says: 'A: a deleted port forward really ends',
          outcomes: [
            { connection: 'with a server that speaks', outcome: 'ended' },
            { connection: 'through the deleted forward', outcome: 'ended' },
            { connection: 'through another forward', outcome: 'goes on' },
            { from: 'internet', to: '203.0.113.10', tcp: 2222, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.10', udp: 5353, outcome: 'reaches web' },
          ],
        },
      ],
    },
    {
      name: 'port ranges',
      steps: [
        { network: 'office', call: ['assign', '203.0.113.14'] },
        { network: 'office', call: ['addPortForward', equalRange] },
        {
          network: 'office',
          call: ['addPortForward', { ...colonRange, publicPort: '8080:8090', privatePort: '8080:8090' }],
        },
        { network: 'office', call: ['addPortForward', shiftedRange] },
        { network: 'office', call: ['addPortForward', nameServers] },
        {
          says: 'HB: equal and shifted ranges map port by port',
          outcomes: [
            { from: 'internet', to: '203.0.113.13', tcp: 8080, outcome: 'reaches web', atPort: 8080 },
            { from: 'internet', to: '203.0.113.13', tcp: 8085, outcome: 'reaches web', atPort: 8085 },
            { from: 'internet', to: '203.0.113.13', tcp: 8090, outcome: 'reaches web', atPort: 8090 },
            { from: 'internet', to: '203.0.113.13', tcp: 8081, outcome: 'refused' },
            { from: 'internet', to: '203.0.113.13', tcp: 8079, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', tcp: 8091, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', udp: 8085, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', tcp: 9080, outcome: 'reaches web', atPort: 8080 },
            { from: 'internet', to: '203.0.113.13', tcp: 9085, outcome: 'reaches web', atPort: 8085 },
            { from: 'internet', to: '203.0.113.13', tcp: 9090, outcome: 'reaches web', atPort: 8090 },
            { from: 'internet', to: '203.0.113.13', tcp: 9079, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', tcp: 9091, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', udp: 5053, outcome: 'reaches web', atPort: 53 },
          ],
        },
        {
          says: 'HB: ranges arrive as 8080-8090 and 8080:8090',
          outcomes: [
            { from: 'internet', to: '203.0.113.14', tcp: 8080, outcome: 'reaches db', atPort: 8080 },
            { from: 'internet', to: '203.0.113.14', tcp: 8090, outcome: 'reaches db', atPort: 8090 },
            { from: 'internet', to: '203.0.113.14', tcp: 8091, outcome: 'closed' },
          ],
        },
        { network: 'office', call: ['deletePortForward', colonRange] },
        { network: 'office', call: ['deletePortForward', shiftedRange] },
        {
          says: 'HB delete-port-forward',
          outcomes: [
            { from: 'internet', to: '203.0.113.14', tcp: 8080, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', tcp: 9085, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', tcp: 8085, outcome: 'reaches web', atPort: 8085 },
          ],
        },
        {
          network: 'office',
          refused: ['addPortForward', { ...shiftedRange, privatePort: '8080-8089' }],
          naming: '8080-8089',
        },
        {
          says: 'HB: ranges of unequal length are an error',
          outcomes: [
            { from: 'internet', to: '203.0.113.13', tcp: 9080, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', tcp: 8080, outcome: 'reaches web', atPort: 8080 },
          ],
        },
      ],
    },
    {
      name: 'public addresses called by guests',
      steps: [
        {
          says: 'docs/architecture.md: a guest that calls a public address of its own network is masqueraded',
          outcomes: [
            { from: 'db', to: '203.0.113.12', tcp: 22, outcome: 'reaches web', atPort: 22 },
            { from: 'web', to: '203.0.113.12', tcp: 80, outcome: 'reaches web' },
            { from: 'web', to: '203.0.113.13', tcp: 2222, outcome: 'reaches db', atPort: 22 },
            { from: 'db', to: '203.0.113.13', tcp: 2222, outcome: 'reaches db', atPort: 22 },
            { from: 'db', to: '203.0.113.13', udp: 5053, outcome: 'reaches web', atPort: 53 },
          ],
        },
        {
          says: 'HB assign-ip and add-static-nat, from one network to another',
          outcomes: [
            { from: 'bench', to: '203.0.113.12', tcp: 22, outcome: 'reaches web', seenFrom: '203.0.113.20' },
            { from: 'bench', to: '203.0.113.13', tcp: 2222, outcome: 'reaches db', seenFrom: '203.0.113.20' },
          ],
        },
      ],
    },
    {
      name: 'release-ip',
      steps: [
        { open: 'through a released address', from: 'internet', to: '203.0.113.13', tcp: 2222 },
        { open: 'through a kept address', from: 'internet', to: '203.0.113.12', tcp: 22 },
        { network: 'office', call: ['release', '203.0.113.13'] },
        {
          says: 'HB release-ip: every DNAT of that IP',
          outcomes: [
            { connection: 'through a released address', outcome: 'ended' },
            { connection: 'through a kept address', outcome: 'goes on' },
            { from: 'internet', to: '203.0.113.13', tcp: 2222, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', tcp: 8080, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', ping: true, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.12', tcp: 22, outcome: 'reaches web' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.12' },
          ],
        },
        { network: 'office', call: ['assign', '203.0.113.13'] },
        { network: 'office', call: ['release', '203.0.113.12'] },
        { network: 'office', call: ['assign', '203.0.113.12'] },
        {
          says: 'HB release-ip: nothing of it comes back with the address',
          outcomes: [
            { from: 'internet', to: '203.0.113.13', tcp: 2222, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', udp: 5053, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.13', ping: true, outcome: 'answered' },
            { from: 'internet', to: '203.0.113.12', tcp: 22, outcome: 'closed' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
          ],
        },
      ],
    },
    {
      name: 'an address is compared as an address',
      steps: [
        { network: 'office', call: ['assign', '3.0.113.10', { gateway: '' }] },
        { network: 'office', call: ['assign', '203.100.113.110', { gateway: '' }] },
        { network: 'office', call: ['addPortForward', ssh] },
        { network: 'office', call: ['addPortForward', { ...ssh, publicIp: '3.0.113.10', privateIp: '10.1.1.11' }] },
        {
          network: 'office',
          call: ['addPortForward', { ...ssh, publicIp: '203.100.113.110', privateIp: '10.1.1.11', privatePort: 80 }],
        },
        { network: 'office', call: ['addStaticNat', '203.0.113.11', '10.1.1.10'] },
        { network: 'office', call: ['assign', '203.0.113.111'] },
        { network: 'office', call: ['addStaticNat', '203.0.113.111', '10.1.1.11'] },
        {
          says: 'HB wrong list: 3.0.113.10 is not 203.0.113.10',
          outcomes: [
            { from: 'internet', to: '203.0.113.10', tcp: 2222, outcome: 'reaches web' },
            { from: 'internet', to: '3.0.113.10', tcp: 2222, outcome: 'reaches db', atPort: 22 },
            { from: 'internet', to: '203.100.113.110', tcp: 2222, outcome: 'reaches db', atPort: 80 },
            { from: 'internet', to: '203.0.113.11', tcp: 22, outcome: 'reaches web' },
            { from: 'internet', to: '203.0.113.111', tcp: 22, outcome: 'reaches db' },
          ],
        },
        { network: 'office', call: ['release', '3.0.113.10', { gateway: '' }] },
        { network: 'office', call: ['release', '203.0.113.11'] },
        {
          says: 'HB wrong list: 3.0.113.10 is not 203.0.113.10',
          outcomes: [
            { from: 'internet', to: '203.0.113.10', tcp: 2222, outcome: 'reaches web' },
            { from: 'internet', to: '3.0.113.10', tcp: 2222, outcome: 'closed' },
            { from: 'internet', to: '203.100.113.110', tcp: 2222, outcome: 'reaches db', atPort: 80 },
            { from: 'internet', to: '203.0.113.11', tcp: 22, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.111', tcp: 22, outcome: 'reaches db' },
            { from: 'db', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.111' },
            { from: 'web', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.10' },
          ],
        },
      ],
    },
    {
      name: 'network 2 is not network 209',
      steps: [
        { network: 'depot', call: ['assign', '203.0.113.29', { sourceNat: true }] },
        {
          network: 'depot',
          call: ['addPortForward', { ...ssh, publicIp: '203.0.113.29', privateIp: '10.1.3.10' }],
        },
        {
          network: 'lab',
          call: ['addPortForward', { ...ssh, publicIp: '203.0.113.20', privateIp: '10.1.2.10' }],
        },
        {
          says: 'HB add-port-forward',
          outcomes: [
            { from: 'internet', to: '203.0.113.29', tcp: 2222, outcome: 'reaches store' },
            { from: 'internet', to: '203.0.113.20', tcp: 2222, outcome: 'reaches bench' },
          ],
        },
        { open: 'to network 209', from: 'internet', to: '203.0.113.29', tcp: 2222 },
        { network: 'lab', call: ['shutdown'] },
        {
          says: 'HB shutdown-network; wrong list: network 2 is not network 209',
          outcomes: [
            { connection: 'to network 209', outcome: 'goes on' },
            { from: 'internet', to: '203.0.113.29', tcp: 2222, outcome: 'reaches store' },
            { from: 'store', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.29' },
            { from: 'internet', to: '203.0.113.20', tcp: 2222, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.20', ping: true, outcome: 'closed' },
            { from: 'bench', to: 'internet', tcp: 80, outcome: 'closed' },
            { from: 'bench', to: '10.1.2.1', ping: true, outcome: 'closed' },
          ],
        },
        { network: 'lab', call: ['destroy'] },
        { network: 'lab', call: ['implement', 101] },
        { network: 'lab', call: ['assign', '203.0.113.20', { sourceNat: true }] },
        {
          says: 'HB destroy-network, then implement-network: nothing old comes back',
          outcomes: [
            { connection: 'to network 209', outcome: 'goes on' },
            { from: 'bench', to: 'internet', tcp: 80, outcome: 'reaches internet', seenFrom: '203.0.113.20' },
            { from: 'internet', to: '203.0.113.20', tcp: 2222, outcome: 'closed' },
            { from: 'internet', to: '203.0.113.29', tcp: 2222, outcome: 'reaches store' },
          ],
        },
      ],
    },
  ],
};
