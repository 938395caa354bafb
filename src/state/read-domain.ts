import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { Acl, parseAcl } from '../model/acl.js';
import { isAddress, parseCidr } from '../model/address.js';
import type { DomainId, GuestIpv6 } from '../model/domain.js';
import { emptyFirewall, type Firewall, parseFirewall } from '../model/firewall.js';
import { isIdentifier } from '../model/identifier.js';
import { ipv6Contains, parseIpv6Cidr, parseIpv6Host, parseIpv6Hosts } from '../model/ipv6.js';
import type { LoadBalancerRule } from '../model/load-balancer.js';
import { LoadBalancerProblem, readLoadBalancerRule } from '../model/load-balancer-text.js';
import { isNamespaceName } from '../model/names.js';
import { type PolicyRouting, parsePolicyRouting } from '../model/policy-routing.js';
import { parseVlan } from '../model/vlan.js';
import { kindOf } from './confined-path.js';
import { parseConfiguration } from './dnsmasq-configuration.js';
import { parseHostLines, parseNames, parseNicOptions, type Read } from './dnsmasq-lines.js';
import { dnsmasqDirectory, dnsmasqFiles } from './dnsmasq-places.js';
import type { DomainFiles, StoredAddress, StoredNameService, StoredNetwork } from './domain-files.js';
import { sharedType } from './edits.js';
import { haproxyDirectory, ruleFile, ruleIdOf } from './haproxy-places.js';
import { domainDirectory, networkDirectory, policyRoutingFile } from './layout.js';
import {
  parsePortForward,
  portForwardFileName,
  portForwardFileNames,
  type StoredPortForward,
} from './port-forward-file.js';
import { parsePublicRange } from './public-range.js';
import { readFile, readSmallFile, singleLine } from './small-file.js';
import { errorCode } from './state-error.js';
import { isTemporaryName } from './temporary-name.js';
import { hasUserData } from './user-data-files.js';

/** Longest time the event loop is kept from other namespaces, in milliseconds. */
const slice = 2;

/** A directory full of damaged files must not fill the log. */
const mostWarnings = 100;

const unknownNetwork: StoredNetwork = {
  vlan: undefined,
  gateway: undefined,
  cidr: undefined,
  extensionIp: undefined,
  ipv6: undefined,
};

/**
 * Reads everything that is on disk for one namespace. To be called under the domain's lock. Damaged and foreign files are skipped with a
 * warning, never an error; only the system's own refusals (EACCES, EIO) are thrown.
 */
export async function readDomainFiles(root: string, domain: DomainId): Promise<DomainFiles> {
  return new DomainReader(root, domain).read();
}

class DomainReader {
  readonly #root: string;
  readonly #domain: DomainId;
  readonly #directory: string;
  readonly #warnings: string[] = [];
  readonly #leftovers: string[] = [];
  #skipped = 0;
  #sliceStart = performance.now();

  constructor(root: string, domain: DomainId) {
    this.#root = root;
    this.#domain = domain;
    this.#directory = domainDirectory(domain);
  }

  async read(): Promise<DomainFiles> {
    const isVpc = this.#domain.kind === 'vpc';
    const files = {
      exists: kindOf(`${this.#root}/${this.#directory}`) === 'directory',
      namespace: this.#value(`${this.#directory}/namespace`, (text) => (isNamespaceName(text) ? text : undefined)),
      vpcCidr: isVpc ? this.#value(`${this.#directory}/cidr`, parseCidr) : undefined,
      networks: isVpc ? await this.#tiers() : await this.#ownNetwork(),
      addresses: await this.#addresses(),
      staticNats: await this.#staticNats(),
      ...(await this.#portForwards()),
      policyRouting: this.#policyRouting(),
    };
    const firewalls = new Map<string, Firewall>();
    const acls = new Map<string, Acl>();
    const nameServices = new Map<string, StoredNameService>();
    const userData = new Set<string>();
    const loadBalancers = new Map<string, LoadBalancerRule>();
    for (const id of files.networks.keys()) {
      // Rules that cannot be read are not no rules: what they closed stays closed until they are sent again.
      const firewall = this.#rules(`${networkDirectory(id)}/firewall`, parseFirewall, emptyFirewall());
      if (firewall !== undefined) firewalls.set(id, firewall);
      const acl = this.#rules(`${networkDirectory(id)}/acl`, parseAcl, new Acl([]));
      if (acl !== undefined) acls.set(id, acl);
      const services = await this.#nameService(id);
      if (services !== undefined) nameServices.set(id, services);
      if (hasUserData(this.#root, id)) userData.add(id);
      await this.#loadBalancers(id, loadBalancers);
      await this.#breathe();
    }
    if (this.#skipped > mostWarnings) this.#warnings.push(`${this.#skipped - mostWarnings} more files were skipped`);
    const found = {
      ...files,
      firewalls,
      acls,
      nameServices,
      userData,
      loadBalancers: [...loadBalancers.values()],
    };
    return { ...found, warnings: this.#warnings, leftovers: this.#leftovers };
  }

  async #ownNetwork(): Promise<ReadonlyMap<string, StoredNetwork>> {
    const { id } = this.#domain;
    await this.#names(networkDirectory(id));
    const network = this.#network(id);
    return new Map(network === undefined ? [] : [[id, network]]);
  }

  async #tiers(): Promise<ReadonlyMap<string, StoredNetwork>> {
    const networks = new Map<string, StoredNetwork>();
    await this.#names(this.#directory);
    for (const id of await this.#names(`${this.#directory}/tiers`)) {
      if (!isIdentifier(id)) {
        this.#skip(`${this.#directory}/tiers/${id}`, 'is not the id of a network');
        continue;
      }
      await this.#names(networkDirectory(id));
      networks.set(id, this.#network(id) ?? unknownNetwork);
      await this.#breathe();
    }
    return networks;
  }

  #network(id: string): StoredNetwork | undefined {
    const directory = networkDirectory(id);
    if (kindOf(`${this.#root}/${directory}`) !== 'directory') return undefined;
    const address = (text: string) => (isAddress(text) ? text : undefined);
    return {
      vlan: this.#value(`${directory}/vlan`, parseVlan),
      gateway: this.#value(`${directory}/gateway`, address),
      cidr: this.#value(`${directory}/cidr`, parseCidr),
      extensionIp: this.#value(`${directory}/extension-ip`, address),
      isShared: this.#value(`${directory}/guest-type`, (text) => text === sharedType || undefined),
      ipv6: this.#ipv6(directory),
    };
  }

  #ipv6(directory: string): GuestIpv6 | undefined {
    const gateway = this.#value(`${directory}/ip6-gateway`, parseIpv6Host);
    const cidr = this.#value(`${directory}/ip6-cidr`, parseIpv6Cidr);
    if (gateway === undefined || cidr === undefined || !ipv6Contains(cidr, gateway)) return undefined;
    return { gateway, cidr, resolvers: this.#value(`${directory}/dns6`, parseIpv6Hosts) ?? [] };
  }

  /** A set of rules; `closed` when it is damaged, undefined when there is none. */
  #rules<T>(path: string, parse: (text: string) => T | undefined, closed: T): T | undefined {
    const text = readFile(`${this.#root}/${path}`);
    if (text === undefined) return undefined;
    const rules = text === null ? undefined : parse(text);
    if (rules !== undefined) return rules;
    this.#warnings.push(
      `${JSON.stringify(`${this.#root}/${path}`)} is damaged: nothing is let through until the rules are sent again`,
    );
    return closed;
  }

  #policyRouting(): PolicyRouting | undefined {
    const path = `${this.#directory}/${policyRoutingFile}`;
    const text = readFile(`${this.#root}/${path}`);
    if (text === undefined) return undefined;
    const { routing, damaged } = parsePolicyRouting(text ?? '');
    if (damaged > 0 || text === null)
      this.#skip(path, text === null ? 'is damaged' : `has ${damaged} lines that cannot be read`);
    return routing;
  }

  /** What the network's dnsmasq reads; undefined when there is no configuration. */
  async #nameService(id: string): Promise<StoredNameService | undefined> {
    const directory = dnsmasqDirectory(id);
    await this.#names(directory);
    const text = (name: keyof typeof dnsmasqFiles): string => {
      const path = `${directory}/${dnsmasqFiles[name]}`;
      const content = readFile(`${this.#root}/${path}`);
      if (content === null) this.#skip(path, 'is damaged');
      return content ?? '';
    };
    const entriesOf = <T>(name: keyof typeof dnsmasqFiles, { entries, damaged }: Read<T>): readonly T[] => {
      if (damaged > 0) this.#skip(`${directory}/${dnsmasqFiles[name]}`, `has ${damaged} lines that cannot be read`);
      return entries;
    };
    const configuration = text('configuration');
    if (configuration === '') return undefined;
    const leases = parseHostLines(id, text('hostLines'), text('optionLines'));
    await this.#breathe();
    return {
      service: parseConfiguration(configuration),
      leases: entriesOf('hostLines', leases),
      names: entriesOf('names', parseNames(id, text('names'))),
      nicOptions: entriesOf('nicOptions', parseNicOptions(id, text('nicOptions'))),
    };
  }

  /** The load balancer rules of a network; of two on one port, or with one id, the first counts: haproxy would not start with both. */
  async #loadBalancers(networkId: string, rules: Map<string, LoadBalancerRule>): Promise<void> {
    const taken = new Set([...rules.values()].map((rule) => `${rule.publicIp}:${rule.publicPort}`));
    for (const name of (await this.#names(haproxyDirectory(networkId))).sort()) {
      const id = ruleIdOf(name);
      if (id === undefined) continue;
      await this.#breathe();
      const path = ruleFile(networkId, id);
      const rule = readLoadBalancerRule(jsonOf(readFile(`${this.#root}/${path}`)), networkId);
      if (rule instanceof LoadBalancerProblem) {
        this.#skip(path, `is damaged (${rule.member ?? 'the rule'}: expected ${rule.expected})`);
        continue;
      }
      if ('isRevoked' in rule) continue;
      const place = `${rule.publicIp}:${rule.publicPort}`;
      if (rule.id !== id || rules.has(id)) this.#skip(path, 'is named like another rule');
      else if (taken.has(place)) this.#skip(path, `is about ${place}, which another rule has`);
      else {
        taken.add(place);
        rules.set(id, rule);
      }
    }
  }

  async #addresses(): Promise<ReadonlyMap<string, StoredAddress>> {
    const directory = `${this.#directory}/ips`;
    const addresses = new Map<string, StoredAddress>();
    await this.#names(`${this.#directory}/public`);
    const names = await this.#names(directory);
    const known = new Set(names);
    for (const name of names) {
      const publicIp = name.replace(/\.(?:pvlan|tier)$/, '');
      if (!isAddress(publicIp)) this.#skip(`${directory}/${name}`, 'is not named like an address');
      else if (publicIp === name) this.#address(addresses, publicIp);
      else if (!known.has(publicIp)) this.#skip(`${directory}/${name}`, 'belongs to no address');
      await this.#breathe();
    }
    return addresses;
  }

  #address(addresses: Map<string, StoredAddress>, publicIp: string): void {
    const file = `${this.#directory}/ips/${publicIp}`;
    const sourceNat = this.#item(file, parseFlag);
    if (sourceNat === undefined) return;
    addresses.set(publicIp, {
      sourceNat,
      vlan: this.#value(`${file}.pvlan`, parseVlan),
      owner: this.#value(`${file}.tier`, (text) => (isIdentifier(text) ? text : undefined)),
      range: this.#item(`${this.#directory}/public/${publicIp}`, parsePublicRange),
    });
  }

  async #staticNats(): Promise<ReadonlyMap<string, string>> {
    const directory = `${this.#directory}/static-nat`;
    const staticNats = new Map<string, string>();
    for (const publicIp of await this.#names(directory)) {
      if (!isAddress(publicIp)) {
        this.#skip(`${directory}/${publicIp}`, 'is not named like an address');
        continue;
      }
      const privateIp = this.#item(`${directory}/${publicIp}`, (text) => (isAddress(text) ? text : undefined));
      if (privateIp !== undefined) staticNats.set(publicIp, privateIp);
      await this.#breathe();
    }
    return staticNats;
  }

  async #portForwards(): Promise<Pick<DomainFiles, 'portForwards' | 'foreignPortForwards'>> {
    const directory = `${this.#directory}/port-forward`;
    const forwards: StoredPortForward[] = [];
    const foreign: { readonly name: string; readonly forward: StoredPortForward }[] = [];
    const own = new Set<string>();
    for (const name of await this.#names(directory)) {
      await this.#breathe();
      const forward = this.#item(`${directory}/${name}`, parsePortForward);
      if (forward === undefined) continue;
      if (name === portForwardFileName(forward)) {
        own.add(name);
        forwards.push(forward);
      } else if (portForwardFileNames(forward).includes(name)) {
        foreign.push({ name, forward });
      } else {
        this.#skip(`${directory}/${name}`, 'is named like another port forward');
      }
    }
    const foreignPortForwards = new Map<string, string[]>();
    for (const { name, forward } of foreign) {
      const canonical = portForwardFileName(forward);
      foreignPortForwards.set(canonical, [...(foreignPortForwards.get(canonical) ?? []), name]);
      if (own.has(canonical)) {
        this.#skip(`${directory}/${name}`, `is the same port forward as ${canonical}`);
      } else {
        own.add(canonical);
        forwards.push(forward);
      }
    }
    return { portForwards: forwards, foreignPortForwards };
  }

  /** Names in a directory, in no order; files of ours that are half written are set aside. */
  async #names(path: string): Promise<string[]> {
    const directory = `${this.#root}/${path}`;
    const kind = kindOf(directory);
    if (kind === undefined) return [];
    if (kind !== 'directory') {
      this.#skip(path, 'is not a directory');
      return [];
    }
    let names: string[];
    try {
      names = await readdir(directory);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
    return names.filter((name) => {
      if (!isTemporaryName(name)) return true;
      this.#leftovers.push(`${path}/${name}`);
      return false;
    });
  }

  /** The value of a one-line file; undefined when it is missing, damaged, or empty: that is how the shell wrapper writes "none". */
  #value<T>(path: string, parse: (line: string) => T | undefined): T | undefined {
    return this.#parsed(path, parse, true);
  }

  /** The same for a file that stands for something by being there: an empty one is damaged. */
  #item<T>(path: string, parse: (line: string) => T | undefined): T | undefined {
    return this.#parsed(path, parse, false);
  }

  #parsed<T>(path: string, parse: (line: string) => T | undefined, mayBeEmpty: boolean): T | undefined {
    const text = readSmallFile(`${this.#root}/${path}`);
    if (text === undefined) return undefined;
    const content = text === null ? null : singleLine(text);
    if (content === '' && mayBeEmpty) return undefined;
    const value = content === null ? undefined : parse(content);
    if (value === undefined) this.#skip(path, 'is damaged');
    return value;
  }

  #skip(path: string, reason: string): void {
    this.#skipped++;
    if (this.#skipped <= mostWarnings)
      this.#warnings.push(`${JSON.stringify(`${this.#root}/${path}`)} ${reason}: skipped`);
  }

  /** Lets others run when this has taken long enough. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#sliceStart < slice) return;
    await setImmediate();
    this.#sliceStart = performance.now();
  }
}

function jsonOf(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return undefined;
  }
}

function parseFlag(text: string): boolean | undefined {
  if (text === 'true') return true;
  return text === 'false' ? false : undefined;
}
