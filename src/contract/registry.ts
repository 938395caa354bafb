import type { Command } from './command.js';
import { decodeAddPortForward } from './commands/add-port-forward.js';
import { decodeAddStaticNat } from './commands/add-static-nat.js';
import { decodeApplyFirewallRules } from './commands/apply-fw-rules.js';
import { decodeApplyLoadBalancerRules } from './commands/apply-lb-rules.js';
import { decodeApplyNetworkAcl } from './commands/apply-network-acl.js';
import { decodeAssignIp } from './commands/assign-ip.js';
import { decodeConfigDhcpSubnet, decodeConfigDnsSubnet } from './commands/config-subnet.js';
import { decodeCustomAction } from './commands/custom-action.js';
import { decodeDeletePortForward } from './commands/delete-port-forward.js';
import { decodeDeleteStaticNat } from './commands/delete-static-nat.js';
import { decodeDestroyNetwork } from './commands/destroy-network.js';
import { decodeDestroyVpc } from './commands/destroy-vpc.js';
import { decodeAddDhcpEntry, decodeRemoveDhcpEntry } from './commands/dhcp-entry.js';
import { decodeAddDnsEntry, decodeRemoveDnsEntry } from './commands/dns-entry.js';
import { decodeImplementNetwork } from './commands/implement-network.js';
import { decodeImplementVpc } from './commands/implement-vpc.js';
import { decodePrepareNic, decodeReleaseNic } from './commands/nic.js';
import { decodeReleaseIp } from './commands/release-ip.js';
import { decodeRemoveDhcpSubnet, decodeRemoveDnsSubnet } from './commands/remove-subnet.js';
import { decodeRestoreNetwork } from './commands/restore-network.js';
import { decodeSaveHypervisorHostname } from './commands/save-hypervisor-hostname.js';
import { decodeSavePassword } from './commands/save-password.js';
import { decodeSaveSshKey } from './commands/save-sshkey.js';
import { decodeSaveUserdata } from './commands/save-userdata.js';
import { decodeSaveVmData } from './commands/save-vm-data.js';
import { decodeSetDhcpOptions } from './commands/set-dhcp-options.js';
import { decodeShutdownNetwork } from './commands/shutdown-network.js';
import { decodeShutdownVpc } from './commands/shutdown-vpc.js';
import { decodeUpdateVpcSourceNatIp } from './commands/update-vpc-source-nat-ip.js';
import type { RawCall } from './raw-call.js';

/** Raw text to one typed command. @throws ContractError */
export type CommandDecoder = (call: RawCall) => Command;

const decoders: { readonly [Name in Command['name']]: CommandDecoder } = {
  'implement-network': decodeImplementNetwork,
  'shutdown-network': decodeShutdownNetwork,
  'destroy-network': decodeDestroyNetwork,
  'assign-ip': decodeAssignIp,
  'release-ip': decodeReleaseIp,
  'add-static-nat': decodeAddStaticNat,
  'delete-static-nat': decodeDeleteStaticNat,
  'add-port-forward': decodeAddPortForward,
  'delete-port-forward': decodeDeletePortForward,
  'apply-fw-rules': decodeApplyFirewallRules,
  'apply-network-acl': decodeApplyNetworkAcl,
  'apply-lb-rules': decodeApplyLoadBalancerRules,
  'implement-vpc': decodeImplementVpc,
  'shutdown-vpc': decodeShutdownVpc,
  'destroy-vpc': decodeDestroyVpc,
  'update-vpc-source-nat-ip': decodeUpdateVpcSourceNatIp,
  'custom-action': decodeCustomAction,
  'config-dhcp-subnet': decodeConfigDhcpSubnet,
  'config-dns-subnet': decodeConfigDnsSubnet,
  'remove-dhcp-subnet': decodeRemoveDhcpSubnet,
  'remove-dns-subnet': decodeRemoveDnsSubnet,
  'add-dhcp-entry': decodeAddDhcpEntry,
  'remove-dhcp-entry': decodeRemoveDhcpEntry,
  'set-dhcp-options': decodeSetDhcpOptions,
  'prepare-nic': decodePrepareNic,
  'release-nic': decodeReleaseNic,
  'add-dns-entry': decodeAddDnsEntry,
  'remove-dns-entry': decodeRemoveDnsEntry,
  'save-vm-data': decodeSaveVmData,
  'save-userdata': decodeSaveUserdata,
  'save-password': decodeSavePassword,
  'save-sshkey': decodeSaveSshKey,
  'save-hypervisor-hostname': decodeSaveHypervisorHostname,
  'restore-network': decodeRestoreNetwork,
};

/** Names of generation 0 (CONTRACT §0). */
const aliases = {
  implement: 'implement-network',
  shutdown: 'shutdown-network',
  destroy: 'destroy-network',
} as const;

const registry: ReadonlyMap<string, CommandDecoder> = new Map([
  ...Object.entries(decoders),
  ...Object.entries(aliases).map(([alias, name]) => [alias, decoders[name]] as const),
]);

/** The decoder of a command or of one of its older names. */
export function decoderOf(command: string): CommandDecoder | undefined {
  return registry.get(command);
}
