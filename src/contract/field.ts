/**
 * Every single value a call can carry, by its payload key (CONTRACT §5); the option is the same with hyphens. The list holds the values of
 * all commands, also of those that do not read them: an option that takes a value must be known as such, or a password
 * that reads `--network-id` would be taken for an option.
 */
export const fields = [
  'network_id',
  'vpc_id',
  'zone_id',
  'namespace',
  'vlan',
  'gateway',
  'cidr',
  'extension_ip',
  'public_ip',
  'public_vlan',
  'public_gateway',
  'public_cidr',
  'source_nat',
  'private_ip',
  'public_port',
  'private_port',
  'protocol',
  'fw_rules',
  'fw_rules_file',
  'acl_rules',
  'acl_rules_file',
  'lb_rules',
  'restore_data',
  'restore_data_file',
  'vm_data',
  'vm_data_file',
  'mac',
  'ip',
  'hostname',
  'dns',
  'dns6',
  'network_ip6_gateway',
  'network_ip6_cidr',
  'ip6_address',
  'domain',
  'default_nic',
  'nic_id',
  'options',
  'password',
  'userdata',
  'sshkey',
  'hypervisor_hostname',
  'action',
  'action_params',
  'current_details',
  // Only of payload files.
  'guest_type',
  'network_state',
  'vpc_state',
  'vpc_cidr',
] as const;

export type Field = (typeof fields)[number];

/** Fields whose value is never shown. */
export const secretFields: ReadonlySet<string> = new Set<Field>([
  'password',
  'userdata',
  'sshkey',
  'vm_data',
  'restore_data',
  'action_params',
  'current_details',
]);
