import type { CommandOptions, TestHost } from '../host/host.js';
import type { Machine } from '../host/machine.js';
import type { Outcome } from '../host/outcome.js';
import type { SentBalancerRule } from './balancing/web.js';
import { type Restored, restoreData } from './restore-data.js';
import type { AclEntry, FirewallRule } from './rules.js';

export interface NetworkSettings {
  readonly id: number | string;
  readonly vlan: number | string;
  /** First three octets of its /24. */
  readonly prefix?: string;
  readonly extensionIp?: string;
  readonly vpcId?: number | string;
  /** First three groups of its /64; without, it speaks IPv4 only. */
  readonly ipv6Prefix?: string;
}

export interface PublicAddress {
  readonly sourceNat?: boolean;
  readonly vlan?: string;
  readonly gateway?: string;
  readonly cidr?: string;
}

export interface Forward {
  readonly publicIp: string;
  readonly publicPort: number | string;
  readonly privateIp: string;
  readonly privatePort: number | string;
  readonly protocol?: string;
  readonly publicVlan?: string;
}

/** A guest's interface as CloudStack tells of it. */
export interface Nic {
  readonly mac: string;
  readonly ip: string;
  readonly hostname?: string;
  readonly gateway?: string;
  readonly isDefault?: boolean;
}

export interface FirewallPolicy {
  /** The offering's policy: true, the listed egress rules drop and the rest passes. */
  readonly egressAllow?: boolean;
  /** The rules as an argument instead of a file. */
  readonly inline?: boolean;
}

/**
 * One guest network as CloudStack drives it: each method is one call of the installed program, with the options in the
 * order the management server sends them (CONTRACT.md, generation 1). They must succeed and print nothing.
 */
export class Network {
  readonly id: number | string;
  readonly prefix: string;
  readonly gateway: string;
  readonly cidr: string;
  private vlan: number | string;

  constructor(
    readonly host: TestHost,
    private readonly settings: NetworkSettings,
  ) {
    this.id = settings.id;
    this.vlan = settings.vlan;
    this.prefix = settings.prefix ?? '10.1.1';
    this.gateway = `${this.prefix}.1`;
    this.cidr = `${this.prefix}.0/24`;
  }

  get namespace(): string {
    return this.settings.vpcId === undefined ? `cs-net-${this.id}` : `cs-vpc-${this.settings.vpcId}`;
  }

  get inside(): Machine {
    return this.host.inside(this.namespace);
  }

  /** Path of a file of this network in the state directory, as TestHost.state() gives it. */
  file(name: string): string {
    return `network-${this.id}/${name}`;
  }

  async implement(vlan: number | string = this.vlan): Promise<Outcome> {
    this.vlan = vlan;
    return this.host.perform('implement-network', this.implementOptions());
  }

  implementOptions(changed: CommandOptions = {}): CommandOptions {
    return {
      'network-id': this.id,
      vlan: this.vlan,
      gateway: this.gateway,
      cidr: this.cidr,
      'extension-ip': this.settings.extensionIp ?? this.gateway,
      ...this.ipv6(),
      ...this.vpc(),
      ...changed,
    };
  }

  async shutdown(vlan: number | string = this.vlan): Promise<Outcome> {
    return this.host.perform('shutdown-network', { 'network-id': this.id, vlan, ...this.vpc() });
  }

  /** The VLAN was given back before: CloudStack sends it empty. */
  async destroy(vlan: number | string = ''): Promise<Outcome> {
    return this.host.perform('destroy-network', { 'network-id': this.id, vlan, ...this.vpc() });
  }

  async assign(publicIp: string, address: PublicAddress = {}): Promise<Outcome> {
    return this.host.perform('assign-ip', this.addressOptions(publicIp, address));
  }

  async release(publicIp: string, address: PublicAddress = {}): Promise<Outcome> {
    return this.host.perform('release-ip', this.addressOptions(publicIp, address));
  }

  addressOptions(publicIp: string, address: PublicAddress = {}): CommandOptions {
    return {
      'network-id': this.id,
      vlan: this.vlan,
      'public-ip': publicIp,
      'source-nat': address.sourceNat ?? false,
      gateway: this.gateway,
      cidr: this.cidr,
      'public-gateway': address.gateway ?? '203.0.113.1',
      'public-cidr': address.cidr ?? `${publicIp}/24`,
      'public-vlan': address.vlan ?? 'vlan://200',
      ...this.vpc(),
    };
  }

  async addStaticNat(publicIp: string, privateIp: string, publicVlan = 'vlan://200'): Promise<Outcome> {
    return this.host.perform('add-static-nat', this.staticNatOptions(publicIp, privateIp, publicVlan));
  }

  async deleteStaticNat(publicIp: string, privateIp: string, publicVlan = 'vlan://200'): Promise<Outcome> {
    return this.host.perform('delete-static-nat', this.staticNatOptions(publicIp, privateIp, publicVlan));
  }

  staticNatOptions(publicIp: string, privateIp: string, publicVlan = 'vlan://200'): CommandOptions {
    return {
      'network-id': this.id,
      vlan: this.vlan,
      'public-ip': publicIp,
      'public-cidr': `${publicIp}/24`,
      'public-vlan': publicVlan,
      'private-ip': privateIp,
      ...this.vpc(),
    };
  }

  async addPortForward(forward: Forward): Promise<Outcome> {
    return this.host.perform('add-port-forward', this.forwardOptions(forward));
  }

  async deletePortForward(forward: Forward): Promise<Outcome> {
    return this.host.perform('delete-port-forward', this.forwardOptions(forward));
  }

  forwardOptions(forward: Forward): CommandOptions {
    return {
      'network-id': this.id,
      vlan: this.vlan,
      'public-ip': forward.publicIp,
      'public-cidr': `${forward.publicIp}/24`,
      'public-vlan': forward.publicVlan ?? 'vlan://200',
      'private-ip': forward.privateIp,
      ...this.vpc(),
      'public-port': forward.publicPort,
      'private-port': forward.privatePort,
      protocol: forward.protocol ?? 'tcp',
    };
  }

  /** Always the complete set of the network. */
  async applyFirewall(rules: readonly FirewallRule[], policy: FirewallPolicy = {}): Promise<Outcome> {
    const set = { default_egress_allow: policy.egressAllow ?? true, cidr: this.cidr, rules };
    return this.performWithData('apply-fw-rules', 'fw-rules', set, policy.inline);
  }

  /** Always the complete list of the tier. */
  async applyAcl(entries: readonly AclEntry[], options: { readonly inline?: boolean } = {}): Promise<Outcome> {
    return this.performWithData('apply-network-acl', 'acl-rules', entries, options.inline);
  }

  /** Rules that come, change or go. */
  async applyBalancing(rules: readonly SentBalancerRule[]): Promise<Outcome> {
    return this.host.perform('apply-lb-rules', this.balancingOptions(rules));
  }

  balancingOptions(rules: readonly SentBalancerRule[]): CommandOptions {
    return { 'network-id': this.id, vlan: this.vlan, 'lb-rules': JSON.stringify(rules), ...this.vpc() };
  }

  /** The user data of a VM as CloudStack sends it when the VM starts. */
  async saveVmData(ip: string, entries: readonly object[]): Promise<Outcome> {
    const content = Buffer.from(JSON.stringify(entries)).toString('base64');
    const options = { ...this.guestOptions(ip), 'vm-data-file': '@vm-data' };
    return this.host.perform('save-vm-data', options, { '@vm-data': content });
  }

  async savePassword(ip: string, password: string): Promise<Outcome> {
    return this.host.perform('save-password', { ...this.guestOptions(ip), password });
  }

  async saveUserdata(ip: string, userdata: Uint8Array): Promise<Outcome> {
    const options = { ...this.guestOptions(ip), userdata: Buffer.from(userdata).toString('base64') };
    return this.host.perform('save-userdata', options);
  }

  /** Options of the calls that are about one VM's user data. */
  guestOptions(ip: string): CommandOptions {
    return {
      'network-id': this.id,
      ip,
      gateway: this.gateway,
      'extension-ip': this.settings.extensionIp ?? this.gateway,
      ...this.vpc(),
    };
  }

  /** A call with nested data: base64 of its JSON, in a file as the management server sends it, or as an argument. */
  private async performWithData(command: string, option: string, data: unknown, inline = false): Promise<Outcome> {
    const content = Buffer.from(JSON.stringify(data)).toString('base64');
    const options = {
      'network-id': this.id,
      vlan: this.vlan,
      gateway: this.gateway,
      cidr: this.cidr,
      ...this.vpc(),
    };
    if (inline) return this.host.perform(command, { ...options, [option]: content });
    const file = `@${option}`;
    return this.host.perform(command, { ...options, [`${option}-file`]: file }, { [file]: content });
  }

  /** config-dhcp-subnet or config-dns-subnet. */
  async configure(service: 'dhcp' | 'dns', changed: CommandOptions = {}): Promise<Outcome> {
    return this.host.perform(`config-${service}-subnet`, this.subnetOptions(changed));
  }

  subnetOptions(changed: CommandOptions = {}): CommandOptions {
    return {
      'network-id': this.id,
      gateway: this.gateway,
      cidr: this.cidr,
      dns: '192.0.2.53,192.0.2.54',
      vlan: this.vlan,
      domain: 'dev.example.org',
      'extension-ip': this.settings.extensionIp ?? this.gateway,
      ...this.vpc(),
      ...changed,
    };
  }

  /** remove-dhcp-subnet or remove-dns-subnet. */
  async removeSubnet(service: 'dhcp' | 'dns'): Promise<Outcome> {
    return this.host.perform(`remove-${service}-subnet`, this.entryOptions({}));
  }

  async addDhcpEntry(nic: Nic): Promise<Outcome> {
    return this.host.perform('add-dhcp-entry', this.dhcpEntryOptions(nic));
  }

  dhcpEntryOptions(nic: Nic): CommandOptions {
    return {
      'network-id': this.id,
      mac: nic.mac,
      ip: nic.ip,
      hostname: nic.hostname ?? '',
      gateway: nic.gateway ?? this.gateway,
      cidr: this.cidr,
      dns: '192.0.2.53,192.0.2.54',
      'default-nic': nic.isDefault ?? true,
      domain: 'dev.example.org',
      'extension-ip': this.settings.extensionIp ?? this.gateway,
      ...this.vpc(),
    };
  }

  async removeDhcpEntry(nic: Nic): Promise<Outcome> {
    return this.host.perform('remove-dhcp-entry', this.entryOptions({ mac: nic.mac, ip: nic.ip }));
  }

  async setDhcpOptions(nicId: number, options: Readonly<Record<string, string>>): Promise<Outcome> {
    const values = { 'nic-id': nicId, options: JSON.stringify(options) };
    return this.host.perform('set-dhcp-options', this.entryOptions(values));
  }

  async addDnsEntry(ip: string, hostname: string): Promise<Outcome> {
    return this.host.perform('add-dns-entry', this.entryOptions({ ip, hostname }));
  }

  async removeDnsEntry(ip: string): Promise<Outcome> {
    return this.host.perform('remove-dns-entry', this.entryOptions({ ip }));
  }

  entryOptions(values: CommandOptions): CommandOptions {
    return {
      'network-id': this.id,
      ...values,
      'extension-ip': this.settings.extensionIp ?? this.gateway,
      ...this.vpc(),
    };
  }

  /** All VMs of the network at once. */
  async restore(restored: Restored): Promise<Outcome> {
    const { options, files } = this.restoreCall(restored);
    return this.host.perform('restore-network', options, files);
  }

  restoreCall(restored: Restored): { readonly options: CommandOptions; readonly files: Record<string, string> } {
    const content = Buffer.from(JSON.stringify(restoreData(restored))).toString('base64');
    return {
      options: { ...this.subnetOptions(), 'restore-data-file': '@restore-data' },
      files: { '@restore-data': content },
    };
  }

  /** As CloudStack adds it to the values of every network command. */
  ipv6(): CommandOptions {
    const { ipv6Prefix: prefix } = this.settings;
    return prefix === undefined ? {} : { 'network-ip6-gateway': `${prefix}::1`, 'network-ip6-cidr': `${prefix}::/64` };
  }

  private vpc(): CommandOptions {
    return this.settings.vpcId === undefined ? {} : { 'vpc-id': this.settings.vpcId };
  }
}
