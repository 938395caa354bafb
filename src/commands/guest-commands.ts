import type { Command } from '../contract/command.js';

/** Commands that serve the guests of a network, which must be there for them. */
export const servesGuests: ReadonlySet<Command['name']> = new Set<Command['name']>([
  'config-dhcp-subnet',
  'config-dns-subnet',
  'add-dhcp-entry',
  'set-dhcp-options',
  'add-dns-entry',
  'prepare-nic',
  'save-vm-data',
  'save-userdata',
  'save-password',
  'save-sshkey',
  'save-hypervisor-hostname',
  'restore-network',
]);
