import type { CommandOptions, TestHost } from '../host/host.js';
import type { Machine } from '../host/machine.js';
import type { Outcome } from '../host/outcome.js';

export interface VpcSettings {
  readonly id: number | string;
  readonly cidr: string;
}

export interface VpcPublicAddress {
  readonly vlan?: string;
  readonly gateway?: string;
}

/**
 * A VPC as CloudStack drives it: each method is one call of the installed program, with the options in the order the
 * management server sends them (CONTRACT.md §5.4, generation 1). They must succeed and print nothing.
 */
export class Vpc {
  constructor(
    readonly host: TestHost,
    private readonly settings: VpcSettings,
  ) {}

  get namespace(): string {
    return `cs-vpc-${this.settings.id}`;
  }

  get inside(): Machine {
    return this.host.inside(this.namespace);
  }

  /** Without a public address, CloudStack sends none of its options. */
  async implement(publicIp?: string, address: VpcPublicAddress = {}): Promise<Outcome> {
    return this.host.perform('implement-vpc', this.sourceNatOptions(publicIp, address));
  }

  async updateSourceNat(publicIp: string, address: VpcPublicAddress = {}): Promise<Outcome> {
    return this.host.perform('update-vpc-source-nat-ip', this.sourceNatOptions(publicIp, address));
  }

  async shutdown(): Promise<Outcome> {
    return this.host.perform('shutdown-vpc', { 'vpc-id': this.settings.id });
  }

  /** CloudStack never sends it; the shell wrapper accepts it. */
  async destroy(): Promise<Outcome> {
    return this.host.perform('destroy-vpc', { 'vpc-id': this.settings.id });
  }

  sourceNatOptions(publicIp?: string, address: VpcPublicAddress = {}): CommandOptions {
    const { id, cidr } = this.settings;
    if (publicIp === undefined) return { 'vpc-id': id, cidr };
    return {
      'vpc-id': id,
      cidr,
      'public-ip': publicIp,
      'public-vlan': address.vlan ?? 'vlan://200',
      'public-gateway': address.gateway ?? '203.0.113.1',
      'public-cidr': `${publicIp}/24`,
      'source-nat': true,
    };
  }
}
