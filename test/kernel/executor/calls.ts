/** Calls as CloudStack makes them (CONTRACT.md, generation 1), as lists of arguments. */

export type Call = readonly string[];

interface Target {
  readonly id: number;
  readonly vlan: number | '';
  readonly prefix: string;
  readonly vpc?: number;
}

export interface Forward {
  readonly publicIp: string;
  readonly publicPort: string;
  readonly privateIp: string;
  readonly privatePort: string;
  readonly protocol?: 'tcp' | 'udp';
}

/** What of a load balancer rule differs. */
export interface BalancerRule {
  readonly id: number;
  readonly publicIp: string;
  readonly publicPort: number;
  readonly guests?: readonly string[];
  readonly revoke?: boolean;
  readonly algorithm?: string;
}

/** A rule of a firewall or an ACL (CONTRACT §6.1, §6.2). */
export type SentRule = Readonly<Record<string, string | number | readonly string[]>>;

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

/** By `<dir>/<file>`. */
const vmData = (entries: Readonly<Record<string, string>>) =>
  Object.entries(entries).map(([path, text]) => {
    const [dir = '', file = ''] = path.split('/');
    return { dir, file, content: Buffer.from(text).toString('base64') };
  });

const physical = JSON.stringify({ 'guest.network.device': 'eth1', 'public.network.device': 'eth1' });

/** The calls of one network; `changed` replaces options. */
export class NetworkCalls {
  constructor(private readonly target: Target) {}

  implement(changed: Record<string, string> = {}): Call {
    const { prefix } = this.target;
    const gateway = `${prefix}.1`;
    return this.#call('implement-network', { gateway, cidr: `${prefix}.0/24`, 'extension-ip': gateway, ...changed });
  }

  shutdown(): Call {
    return this.#call('shutdown-network', {});
  }

  /** The VLAN was given back before: CloudStack sends it empty. */
  destroy(): Call {
    return this.#call('destroy-network', { vlan: '' });
  }

  assign(publicIp: string, changed: Record<string, string> = {}): Call {
    return this.#call('assign-ip', { ...this.#public(publicIp), 'public-gateway': '203.0.113.1', ...changed });
  }

  release(publicIp: string): Call {
    return this.#call('release-ip', this.#public(publicIp));
  }

  addStaticNat(publicIp: string, privateIp: string): Call {
    return this.#call('add-static-nat', { ...this.#public(publicIp), 'private-ip': privateIp });
  }

  deleteStaticNat(publicIp: string): Call {
    return this.#call('delete-static-nat', { ...this.#public(publicIp), 'private-ip': '' });
  }

  addForward(forward: Forward): Call {
    return this.#call('add-port-forward', this.#forward(forward));
  }

  deleteForward(forward: Forward): Call {
    return this.#call('delete-port-forward', this.#forward(forward));
  }

  /** The complete rules of the network. */
  firewall(rules: readonly SentRule[], allowsEgress = false): Call {
    const { prefix } = this.target;
    const set = { default_egress_allow: allowsEgress, cidr: `${prefix}.0/24`, rules };
    return this.#call('apply-fw-rules', { 'fw-rules': encoded(set) });
  }

  /** The complete list of the tier. */
  acl(rules: readonly SentRule[]): Call {
    return this.#call('apply-network-acl', { 'acl-rules': encoded(rules) });
  }

  /** Load balancer rules that come, change or go. */
  balance(rules: readonly BalancerRule[]): Call {
    const sent = rules.map(({ id, publicIp, publicPort, guests = [], revoke = false, algorithm = 'roundrobin' }) => ({
      ...{ id, publicIp, publicPort, privatePort: 8080, protocol: 'tcp', algorithm, revoke },
      backends: guests.map((ip) => ({ ip, port: 8080, revoked: false })),
    }));
    return this.#call('apply-lb-rules', { 'lb-rules': JSON.stringify(sent) });
  }

  /** What a guest is told when its VM starts. */
  saveVmData(ip: string, entries: Readonly<Record<string, string>>): Call {
    return this.#call('save-vm-data', { ip, 'vm-data': encoded(vmData(entries)) });
  }

  /** The same about a shared network that may not be there yet. */
  saveVmDataShared(ip: string, entries: Readonly<Record<string, string>>): Call {
    const { prefix } = this.target;
    const shared = {
      'guest-type': 'shared',
      gateway: `${prefix}.1`,
      cidr: `${prefix}.0/24`,
      'extension-ip': `${prefix}.2`,
    };
    return this.#call('save-vm-data', { ...shared, ip, 'vm-data': encoded(vmData(entries)) });
  }

  /** All VMs of the network, by the last number of their addresses, and what they are told. */
  restore(vms: Readonly<Record<number, Readonly<Record<string, string>>>>, services: readonly string[]): Call {
    const { prefix } = this.target;
    const data = {
      ...Object.fromEntries(services.map((service) => [`${service}_enabled`, true])),
      vms: Object.entries(vms).map(([last, entries]) => ({
        ip: `${prefix}.${last}`,
        mac: `02:01:00:00:00:${last.padStart(2, '0')}`,
        hostname: `vm-${last}`,
        default_nic: true,
        vm_data: vmData(entries),
      })),
    };
    return this.#call('restore-network', { 'restore-data': encoded(data) });
  }

  /** What an operator asks for; generation 1 does not send VLAN or VPC. */
  action(action: string, parameters: Record<string, string> = {}): Call {
    const { id, vpc } = this.target;
    const options = { 'network-id': `${id}`, action, 'action-params': JSON.stringify(parameters) };
    return callOf('custom-action', options, vpc === undefined ? `cs-net-${id}` : `cs-vpc-${vpc}`);
  }

  #public(publicIp: string): Record<string, string> {
    return publicOptions(publicIp, 'false');
  }

  #forward({ publicIp, publicPort, privateIp, privatePort, protocol = 'tcp' }: Forward): Record<string, string> {
    const ports = { 'private-ip': privateIp, 'public-port': publicPort, 'private-port': privatePort, protocol };
    return { ...this.#public(publicIp), ...ports };
  }

  #call(command: string, options: Record<string, string>): Call {
    const { id, vlan, vpc } = this.target;
    const all = {
      'network-id': `${id}`,
      vlan: `${vlan}`,
      ...(vpc === undefined ? {} : { 'vpc-id': `${vpc}` }),
      ...options,
    };
    const namespace = vpc === undefined ? `cs-net-${id}` : `cs-vpc-${vpc}`;
    return callOf(command, all, namespace);
  }
}

/** The calls of a VPC as a whole. */
export class VpcCalls {
  constructor(private readonly id: number) {}

  /** Without `publicIp` no address was allocated. */
  implement(publicIp?: string, changed: Record<string, string> = {}): Call {
    return this.#call('implement-vpc', { cidr: '10.9.0.0/16', ...this.#source(publicIp), ...changed });
  }

  updateSource(publicIp: string, changed: Record<string, string> = {}): Call {
    return this.#call('update-vpc-source-nat-ip', { cidr: '10.9.0.0/16', ...this.#source(publicIp), ...changed });
  }

  shutdown(): Call {
    return this.#call('shutdown-vpc', {});
  }

  destroy(): Call {
    return this.#call('destroy-vpc', {});
  }

  #source(publicIp: string | undefined): Record<string, string> {
    return publicIp === undefined ? {} : { ...publicOptions(publicIp, 'true'), 'public-gateway': '203.0.113.1' };
  }

  #call(command: string, options: Record<string, string>): Call {
    return callOf(command, { 'vpc-id': `${this.id}`, ...options }, `cs-vpc-${this.id}`);
  }
}

function publicOptions(publicIp: string, sourceNat: 'true' | 'false'): Record<string, string> {
  return {
    'public-ip': publicIp,
    'source-nat': sourceNat,
    'public-cidr': `${publicIp}/24`,
    'public-vlan': 'vlan://200',
  };
}

function callOf(command: string, options: Record<string, string>, namespace: string): Call {
  const details = [
    '--physical-network-extension-details',
    physical,
    '--network-extension-details',
    JSON.stringify({ namespace }),
  ];
  return [command, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]), ...details];
}
