/** Shows the main job in a private test host, with packets, in plain words. */

import { strict as assert } from 'node:assert';
import type { TestHost } from '../test/host/host.js';
import { briefly } from '../test/host/patience.js';
import { Network } from '../test/system/network.js';
import { ingress } from '../test/system/rules.js';
import { attachGuest, attachInternet, createHost, internet } from '../test/system/scene.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const step = (text: string): void => say(`\n${text}`);
const result = (text: string): void => say(`  -> ${text}`);

say(`
This is a KVM host in miniature: network namespaces of its own on this machine, with a NIC (eth1), a guest VLAN (100), a public
VLAN (200) and an "internet" behind it. The program is installed in it as CloudStack expects it, and then called
the way CloudStack calls it over SSH: one command per step.`);

const host: TestHost = await createHost({ guestVlans: [100], publicVlans: [200] });
try {
  const network = new Network(host, { id: 42, vlan: 100 });
  const timed = async (what: string, run: () => Promise<{ readonly milliseconds: number }>) => {
    const { milliseconds } = await run();
    result(`${what} (${milliseconds.toFixed(1)} ms)`);
  };

  step('1. implement-network: CloudStack starts the first VM of network 42.');
  await timed('namespace cs-net-42 has the gateway 10.1.1.1 on VLAN 100 (with the start of the daemon)', () =>
    network.implement(),
  );

  step('2. assign-ip: the network gets the public address 203.0.113.10, and its guests go out with it (source NAT).');
  await timed('203.0.113.10 assigned', () => network.assign('203.0.113.10', { sourceNat: true }));
  await timed('203.0.113.11 assigned, for later', () => network.assign('203.0.113.11'));

  const outside = await attachInternet(host);
  const web = await attachGuest(host, network, 10, 100);
  const database = await attachGuest(host, network, 11, 100);
  await outside.listenTcp(80);
  await web.listenTcp(22);
  await web.listenTcp(8080);

  const seenFrom = async (guest: typeof web): Promise<string> => {
    const answer = await guest.tcp(internet, 80);
    assert.equal(answer.result, 'open', 'a guest reaches the internet');
    return answer.seen?.peer ?? '';
  };
  const before = await seenFrom(web);
  assert.equal(before, '203.0.113.10');
  result(`guest ${web.address} calls ${internet} in the "internet" and is seen there as ${before}`);

  step('3. add-static-nat: 203.0.113.11 stands for guest 10.1.1.10, in both directions.');
  await timed('static NAT added', () => network.addStaticNat('203.0.113.11', web.address));
  const own = await seenFrom(web);
  assert.equal(own, '203.0.113.11');
  result(`guest ${web.address} is now seen as ${own}; guest ${database.address} still as ${await seenFrom(database)}`);
  const ssh = await outside.tcp('203.0.113.11', 22, { from: internet });
  assert.equal(ssh.result, 'open');
  result(`a client in the "internet" (${internet}) reaches 203.0.113.11 port 22, which is the guest's port 22`);

  step('4. add-port-forward: port 80 of 203.0.113.10 leads to port 8080 of guest 10.1.1.10.');
  const forward = { publicIp: '203.0.113.10', publicPort: 80, privateIp: web.address, privatePort: 8080 };
  await timed('port forward added', () => network.addPortForward(forward));
  const http = await outside.tcp('203.0.113.10', 80, { from: internet });
  assert.equal(http.result, 'open');
  result(`the client reaches 203.0.113.10 port 80; the guest sees it come from ${http.seen?.peer}`);
  const closed = await outside.tcp('203.0.113.10', 81, { from: internet, ...briefly });
  assert.notEqual(closed.result, 'open');
  result(`port 81, which nobody forwarded, is ${closed.result}`);

  step(
    '5. apply-fw-rules: from now on only what a rule allows comes in. One rule: port 80 of 203.0.113.10, for 198.51.100.0/24.',
  );
  const stranger = '192.0.2.66';
  await outside.output('ip', 'address', 'add', `${stranger}/32`, 'dev', 'lo');
  await timed('firewall applied, in one transaction', () =>
    network.applyFirewall([ingress('203.0.113.10', 'tcp', { ports: 80, from: ['198.51.100.0/24'] })]),
  );
  const reach = async (publicIp: string, port: number, from: string): Promise<string> =>
    (await outside.tcp(publicIp, port, { from, ...briefly })).result;
  assert.equal(await reach('203.0.113.10', 80, internet), 'open');
  assert.equal(await reach('203.0.113.10', 80, stranger), 'blocked');
  assert.equal(await reach('203.0.113.11', 22, internet), 'blocked');
  result(`the client ${internet} still reaches 203.0.113.10 port 80, a stranger at ${stranger} does not any more`);
  result('203.0.113.11, for which there is no rule, is closed: its static NAT stays, but nobody gets in');
  assert.equal(await seenFrom(web), '203.0.113.11');
  result('the guests reach the "internet" as before, and get their answers');

  step('What is in the kernel now: one nf_tables table, written by us, shown by nft:');
  const rules = await network.inside.output('nft', 'list', 'table', 'ip', 'cloudstack');
  for (const line of rules.split('\n').filter((text) => /elements|dnat|snat|masquerade|vmap|accept|drop/.test(text))) {
    say(`     ${line.trim()}`);
  }

  step('6. delete-port-forward: the port is closed again, and with it connections that are open.');
  await timed('port forward deleted', () => network.deletePortForward(forward));
  const gone = await outside.tcp('203.0.113.10', 80, { from: internet, ...briefly });
  assert.notEqual(gone.result, 'open');
  result(`203.0.113.10 port 80 is ${gone.result}`);

  step('7. shutdown-network and destroy-network: CloudStack deletes the network.');
  await timed('shut down', () => network.shutdown());
  await timed('destroyed', () => network.destroy());
  assert.deepEqual(await host.namespaces(), []);
  assert.deepEqual(Object.keys(await host.state()), []);
  result('no namespace, no link and no state file is left');
  say('\nAll of it worked. README.md tells how to install it on a real KVM host.');
} finally {
  await host.destroy();
}
