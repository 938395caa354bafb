import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandOptions, TestHost } from '../../test/host/host.js';
import type { Network } from '../../test/system/network.js';

/** Where the files of calls are, on the machine and at the same path inside the test host. */
export interface CallPlace {
  readonly host: TestHost;
  readonly directory: string;
}

/** Writes what a call is to bring along, as the management server does: base64 of its JSON in a file. Its path. */
export function writeData({ directory }: CallPlace, name: string, content: unknown): string {
  const file = join(directory, name);
  writeFileSync(file, Buffer.from(JSON.stringify(content)).toString('base64'));
  return file;
}

/** The call that puts a complete list of firewall rules in place, as a line of a schedule. */
export function firewallCall(place: CallPlace, network: Network, name: string, rules: readonly unknown[]): string[] {
  const content = { default_egress_allow: true, cidr: network.cidr, rules };
  return listCall(place, 'apply-fw-rules', network, 'fw-rules-file', writeData(place, name, content));
}

export function aclCall(place: CallPlace, tier: Network, name: string, entries: readonly unknown[]): string[] {
  return listCall(place, 'apply-network-acl', tier, 'acl-rules-file', writeData(place, name, entries));
}

function listCall({ host }: CallPlace, command: string, network: Network, option: string, file: string): string[] {
  const { 'extension-ip': _, ...options } = network.implementOptions();
  const all: CommandOptions = { ...options, [option]: file };
  return [host.wrapper, ...host.callArguments(command, all)];
}
