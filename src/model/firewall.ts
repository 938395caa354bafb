/** The firewall of a network: what may come in to its public addresses, and what its guests may send. */

import { isAddress } from './address.js';
import {
  areSameNetworks,
  formatNetworks,
  formatTraffic,
  isSameTraffic,
  type Networks,
  parseNetworks,
  parseTraffic,
  type Traffic,
} from './traffic.js';

/** Lets something in to a public address. */
export interface IngressRule {
  readonly publicIp: string;
  readonly traffic: Traffic;
  readonly sources: Networks;
}

/** Lets guests send something, or stops them: that depends on the default. */
export interface EgressRule {
  readonly traffic: Traffic;
  /** Guests. */
  readonly sources: Networks;
  readonly destinations: Networks;
}

/** A complete set of rules. Never changed: another set takes its place. */
export class Firewall {
  /** The public addresses that rules let something in to. */
  readonly publicIps: ReadonlySet<string>;
  #text: string | undefined;

  constructor(
    /** True: guests may send all but what `egress` lists. False: nothing but that. */
    readonly defaultEgressAllow: boolean,
    readonly ingress: readonly IngressRule[],
    readonly egress: readonly EgressRule[],
  ) {
    this.publicIps = new Set(ingress.map((rule) => rule.publicIp));
  }

  /** All of it, one rule a line: what the state file holds. Made when it is asked for: ten thousand rules take milliseconds. */
  get text(): string {
    this.#text ??= [...this.#lines()].map((line) => `${line}\n`).join('');
    return this.#text;
  }

  /** Whether another set has the same rules in the same order. */
  equals(other: Firewall): boolean {
    return (
      this.defaultEgressAllow === other.defaultEgressAllow &&
      this.ingress.length === other.ingress.length &&
      this.egress.length === other.egress.length &&
      this.ingress.every((rule, index) => isSameIngress(rule, other.ingress[index])) &&
      this.egress.every((rule, index) => isSameEgress(rule, other.egress[index]))
    );
  }

  *#lines(): Generator<string, undefined> {
    yield `default-egress ${this.defaultEgressAllow ? 'allow' : 'deny'}`;
    for (const { publicIp, traffic, sources } of this.ingress) {
      yield `ingress ${publicIp} ${formatTraffic(traffic)} from ${formatNetworks(sources)}`;
    }
    for (const { traffic, sources, destinations } of this.egress) {
      yield `egress ${formatTraffic(traffic)} from ${formatNetworks(sources)} to ${formatNetworks(destinations)}`;
    }
  }
}

function isSameIngress(one: IngressRule, other: IngressRule | undefined): boolean {
  return (
    one.publicIp === other?.publicIp &&
    isSameTraffic(one.traffic, other.traffic) &&
    areSameNetworks(one.sources, other.sources)
  );
}

function isSameEgress(one: EgressRule, other: EgressRule | undefined): boolean {
  return (
    other !== undefined &&
    isSameTraffic(one.traffic, other.traffic) &&
    areSameNetworks(one.sources, other.sources) &&
    areSameNetworks(one.destinations, other.destinations)
  );
}

/** What the text of a {@link Firewall} says; undefined when a line is not understood: half a firewall is none. */
export function parseFirewall(text: string): Firewall | undefined {
  const [head, ...lines] = text.split('\n').filter((line) => line !== '');
  const policy = /^default-egress (allow|deny)$/.exec(head ?? '')?.[1];
  if (policy === undefined) return undefined;
  const ingress: IngressRule[] = [];
  const egress: EgressRule[] = [];
  for (const line of lines) {
    const words = line.split(' ');
    const from = words.indexOf('from');
    const sources = from === -1 ? undefined : parseNetworks(words[from + 1] ?? '');
    if (sources === undefined) return undefined;
    if (words[0] === 'ingress') {
      const publicIp = words[1] ?? '';
      const traffic = parseTraffic(words.slice(2, from));
      if (traffic === undefined || !isAddress(publicIp) || words.length !== from + 2) return undefined;
      ingress.push({ publicIp, traffic, sources });
    } else {
      const traffic = parseTraffic(words.slice(1, from));
      const destinations = words[from + 2] === 'to' ? parseNetworks(words[from + 3] ?? '') : undefined;
      if (words[0] !== 'egress' || traffic === undefined || destinations === undefined) return undefined;
      egress.push({ traffic, sources, destinations });
    }
  }
  return new Firewall(policy === 'allow', ingress, egress);
}
