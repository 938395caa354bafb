/** Lists of commands for `cloudstack-netns batch`, one a line. */

import type { CommandOptions } from '../../../test/host/host.js';
import type { Network } from '../../../test/system/network.js';
import { firewallList } from '../rules/rule-lists.js';

const firstPort = 10_000;

/** As an operator writes it: words, without the details that CloudStack adds to each call. */
function line(command: string, options: CommandOptions): string {
  return `${[command, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])].join(' ')}\n`;
}

function forwardLine(command: string, network: Network, publicIp: string, index: number): string {
  const privateIp = `${network.prefix}.${10 + (index % 200)}`;
  return line(
    command,
    network.forwardOptions({ publicIp, publicPort: firstPort + index, privateIp, privatePort: 22, publicVlan: '200' }),
  );
}

/** A port forward for each of many ports of one address. */
export function forwardLines(command: string, network: Network, publicIp: string, count: number): string {
  return Array.from({ length: count }, (_, index) => forwardLine(command, network, publicIp, index)).join('');
}

/** Of a hundred lines one is a firewall with ten rules; the others are static NATs and port forwards that come and go. */
export function mixedLines(network: Network, publicIp: string, furtherPublicIp: string, count: number): string {
  const firewalls = [1, 2].map((seed) => {
    const rules = firewallList({ seed, count: 10, publicIps: [publicIp, furtherPublicIp] });
    const set = { default_egress_allow: true, cidr: network.cidr, rules };
    return `${JSON.stringify({ command: 'apply-fw-rules', 'network-id': network.id, 'fw-rules': set })}\n`;
  });
  const translation = network.staticNatOptions(furtherPublicIp, `${network.prefix}.10`);
  const comeAndGo = [
    (index: number) => forwardLine('add-port-forward', network, publicIp, index),
    (index: number) => forwardLine('delete-port-forward', network, publicIp, index - 1),
    () => line('add-static-nat', translation),
    () => line('delete-static-nat', translation),
  ];
  return Array.from({ length: count }, (_, index) => {
    if (index % 100 === 99) return firewalls[Math.floor(index / 100) % firewalls.length] ?? '';
    return comeAndGo[index % comeAndGo.length]?.(index) ?? '';
  }).join('');
}
