import type { CommandOptions } from '../../test/host/host.js';
import type { Network } from '../../test/system/network.js';
import { type CommandScene, forwardOf, furtherPublicIp, privateIpOf, publicIpOf } from './command-scene.js';
import type { Schedule } from './schedule.js';

/** Milliseconds before each call: the daemon has written its log and sleeps. */
export const rest = 5;
/** Milliseconds before a network is made: the kernel goes on removing links for a while, and holds RTNL meanwhile. */
const cleanUp = 250;
/** Port forwards that come and go in each of the networks that stay, per lifecycle of a passing one. */
const forwardsPerLifecycle = 5;

type Call = (id: string, command: string, options: CommandOptions, pause?: number) => void;

/**
 * One network from its beginning to its end, twice (first its bridge is missing, then it is there), port forwards in the networks that
 * stay, and what all of this is compared with.
 *
 * @param warmUp run, but not measured
 */
export function addLifecycle(schedule: Schedule, scene: CommandScene, index: number, warmUp: boolean): void {
  const { host } = scene;
  const passing = scene.passing(index);
  const add = (id: string, argv: readonly string[], pause: number) =>
    schedule.add(warmUp ? undefined : id, argv, pause);
  const call: Call = (id, command, options, pause = rest) =>
    add(id, [host.wrapper, ...host.callArguments(command, options)], pause);

  add('true', ['/bin/true'], rest);
  add('durable-write', ['@durable-write', host.stateDirectory], rest);
  add('status', [host.wrapper, '--status'], rest);
  for (let turn = 0; turn < forwardsPerLifecycle; turn++) {
    addForward(call, 'few', scene.few, 61_000 + turn);
    addForward(call, 'many', scene.many, 61_000 + turn);
  }
  for (const bridge of ['new', 'known']) {
    const options = passing.implementOptions();
    call(`implement-network ${bridge}`, 'implement-network', options, cleanUp);
    addPublicSide(call, passing);
    call('shutdown-network', 'shutdown-network', { 'network-id': passing.id, vlan: options.vlan ?? '' });
    call('destroy-network', 'destroy-network', { 'network-id': passing.id, vlan: '' }, cleanUp);
  }
}

function addForward(call: Call, name: string, network: Network, port: number): void {
  const options = network.forwardOptions(forwardOf(network, port));
  call(`add-port-forward ${name}`, 'add-port-forward', options);
  call(`delete-port-forward ${name}`, 'delete-port-forward', options);
}

function addPublicSide(call: Call, network: Network): void {
  call('assign-ip first', 'assign-ip', network.addressOptions(publicIpOf(network), { sourceNat: true }));
  const further = network.addressOptions(furtherPublicIp);
  call('assign-ip further', 'assign-ip', further);
  const translation = network.staticNatOptions(furtherPublicIp, privateIpOf(network));
  call('add-static-nat', 'add-static-nat', translation);
  call('delete-static-nat', 'delete-static-nat', translation);
  call('release-ip', 'release-ip', further);
}
