import type { Nic } from './network.js';

/** A VM as restore-network tells of it. */
export interface RestoredVm extends Omit<Nic, 'gateway'> {
  /** As save-vm-data has them; none when nothing is said of the VM. */
  readonly data?: readonly object[];
}

export interface Restored {
  readonly vms: readonly RestoredVm[];
  /** The services that are the extension's; all of them by default. */
  readonly services?: readonly ('dhcp' | 'dns' | 'userdata')[];
}

/** The JSON of restore-network (CONTRACT §6.5). */
export function restoreData({ vms, services = ['dhcp', 'dns', 'userdata'] }: Restored): object {
  return {
    dhcp_enabled: services.includes('dhcp'),
    dns_enabled: services.includes('dns'),
    userdata_enabled: services.includes('userdata'),
    vms: vms.map(({ ip, mac, hostname = '', isDefault = true, data = [] }) => ({
      ip,
      mac,
      hostname,
      default_nic: isDefault,
      vm_data: data,
    })),
  };
}

/** All that CloudStack says of a VM when it starts (CONTRACT §6.4), with 2 kB of user data. */
export function usualVmData(ip: string, name: string): object[] {
  const entry = (dir: string, file: string, text: string) => ({
    dir,
    file,
    content: Buffer.from(text).toString('base64'),
  });
  const values = {
    'service-offering': 'Medium Instance',
    'availability-zone': 'zone-1',
    'local-hostname': name,
    'local-ipv4': ip,
    'public-ipv4': '203.0.113.10',
    'public-hostname': '203.0.113.10',
    'instance-id': `i-${name}`,
    'vm-id': `i-${name}`,
    'public-keys': `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${name.padEnd(43, 'A')} operator`,
    'cloud-identifier': 'CloudStack-{0b5a6e4c-8a6d-4f1e-9d57-2f6c0b8d1a11}',
    'hypervisor-host-name': 'kvm-17',
    'cloud-domain': 'ROOT',
    'cloud-domain-id': '2f6c0b8d-1a11-4f1e-9d57-0b5a6e4c8a6d',
  };
  const lines = Array.from({ length: 40 }, (_, line) => `echo "line ${line} of what ${name} is to do at first"\n`);
  return [
    entry('userdata', 'user_data', `#!/bin/sh\n${lines.join('')}`.slice(0, 2048).padEnd(2048, '#')),
    ...Object.entries(values).map(([file, value]) => entry('metadata', file, value)),
  ];
}
