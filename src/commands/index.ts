import type { Command } from '../contract/command.js';
import type { Domain } from '../model/domain.js';
import { addPortForward } from './add-port-forward.js';
import { addStaticNat } from './add-static-nat.js';
import { applyFirewallRules } from './apply-fw-rules.js';
import { applyLoadBalancerRules } from './apply-lb-rules.js';
import { applyNetworkAcl } from './apply-network-acl.js';
import { assignIp } from './assign-ip.js';
import { configDhcpSubnet, configDnsSubnet } from './config-subnet.js';
import { customAction } from './custom-action.js';
import { deletePortForward } from './delete-port-forward.js';
import { deleteStaticNat } from './delete-static-nat.js';
import { destroyNetwork } from './destroy-network.js';
import { destroyVpc } from './destroy-vpc.js';
import { addDhcpEntry, removeDhcpEntry } from './dhcp-entry.js';
import { addDnsEntry, removeDnsEntry } from './dns-entry.js';
import { planEnded } from './ended-network.js';
import { planFirstUse } from './first-use.js';
import { implementNetwork } from './implement-network.js';
import { implementVpc } from './implement-vpc.js';
import { prepareNic, releaseNic } from './nic.js';
import type { Plan } from './plan.js';
import { releaseIp } from './release-ip.js';
import { removeDhcpSubnet, removeDnsSubnet } from './remove-subnet.js';
import { restoreNetwork } from './restore-network.js';
import { saveUserData } from './save-user-data.js';
import { setDhcpOptions } from './set-dhcp-options.js';
import { shutdownNetwork } from './shutdown-network.js';
import { shutdownVpc } from './shutdown-vpc.js';
import { updateVpcSourceNatIp } from './update-vpc-source-nat-ip.js';

/** What a command wants done to a domain. Pure: the domain is left as it is. */
export function planCommand(command: Command, domain: Domain): Plan {
  return planEnded(command, domain, planOne) ?? planFirstUse(command, domain, planOne) ?? planOne(command, domain);
}

function planOne(command: Command, domain: Domain): Plan {
  switch (command.name) {
    case 'implement-network':
      return implementNetwork(command, domain);
    case 'shutdown-network':
      return shutdownNetwork(command, domain);
    case 'destroy-network':
      return destroyNetwork(command, domain);
    case 'assign-ip':
      return assignIp(command, domain);
    case 'release-ip':
      return releaseIp(command, domain);
    case 'add-static-nat':
      return addStaticNat(command, domain);
    case 'delete-static-nat':
      return deleteStaticNat(command, domain);
    case 'add-port-forward':
      return addPortForward(command, domain);
    case 'delete-port-forward':
      return deletePortForward(command, domain);
    case 'apply-fw-rules':
      return applyFirewallRules(command, domain);
    case 'apply-network-acl':
      return applyNetworkAcl(command, domain);
    case 'apply-lb-rules':
      return applyLoadBalancerRules(command, domain);
    case 'implement-vpc':
      return implementVpc(command, domain);
    case 'shutdown-vpc':
      return shutdownVpc(command, domain);
    case 'destroy-vpc':
      return destroyVpc(command, domain);
    case 'update-vpc-source-nat-ip':
      return updateVpcSourceNatIp(command, domain);
    case 'custom-action':
      return customAction(command, domain);
    case 'config-dhcp-subnet':
      return configDhcpSubnet(command, domain);
    case 'config-dns-subnet':
      return configDnsSubnet(command, domain);
    case 'remove-dhcp-subnet':
      return removeDhcpSubnet(command, domain);
    case 'remove-dns-subnet':
      return removeDnsSubnet(command, domain);
    case 'add-dhcp-entry':
      return addDhcpEntry(command, domain);
    case 'remove-dhcp-entry':
      return removeDhcpEntry(command, domain);
    case 'set-dhcp-options':
      return setDhcpOptions(command, domain);
    case 'prepare-nic':
      return prepareNic(command, domain);
    case 'release-nic':
      return releaseNic(command, domain);
    case 'add-dns-entry':
      return addDnsEntry(command, domain);
    case 'remove-dns-entry':
      return removeDnsEntry(command, domain);
    case 'save-vm-data':
    case 'save-userdata':
    case 'save-password':
    case 'save-sshkey':
    case 'save-hypervisor-hostname':
      return saveUserData(command, domain);
    case 'restore-network':
      return restoreNetwork(command, domain);
  }
}
