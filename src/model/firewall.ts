/** The firewall of a network: what may come in to its public addresses, and what its guests may send. */

import { parseAddress } from './address.js';
import { type FirewallList, FirewallListBuilder } from './firewall-list.js';
import { TextBytes } from './text-bytes.js';
import { parseTraffic } from './traffic.js';

/** A guess at the length of a rule's line. */
const bytesOfRule = 80;

/** A complete set of rules. Never changed: another set takes its place. */
export class Firewall {
  /** The public addresses that rules let something in to. */
  readonly publicIps: ReadonlySet<string>;

  constructor(
    /** True: guests may send all but what `egress` lists. False: nothing but that. */
    readonly defaultEgressAllow: boolean,
    /** Lets something in to public addresses. Their destinations are any. */
    readonly ingress: FirewallList,
    /** Lets guests, the sources, send something, or stops them: that depends on the default. */
    readonly egress: FirewallList,
  ) {
    this.publicIps = ingress.distinctPublicIps();
  }

  /** How many rules it has. */
  get count(): number {
    return this.ingress.count + this.egress.count;
  }

  /** All of it, one rule a line, in ASCII: what the state file holds. Made when it is asked for: ten thousand rules take milliseconds. */
  get bytes(): Uint8Array {
    const { ingress, egress } = this;
    const text = new TextBytes(bytesOfRule * (this.count + 1)).text(
      `default-egress ${this.defaultEgressAllow ? 'allow' : 'deny'}\n`,
    );
    for (let rule = 0; rule < ingress.count; rule++) {
      text.text('ingress ').address(ingress.publicIp(rule)).text(' ');
      ingress.writeTraffic(rule, text);
      ingress.sources.write(rule, text.text(' from '));
      text.text('\n');
    }
    for (let rule = 0; rule < egress.count; rule++) {
      egress.writeTraffic(rule, text.text('egress '));
      egress.sources.write(rule, text.text(' from '));
      egress.destinations.write(rule, text.text(' to '));
      text.text('\n');
    }
    return text.bytes;
  }

  /** Whether another set has the same rules in the same order. */
  equals(other: Firewall): boolean {
    return (
      this.defaultEgressAllow === other.defaultEgressAllow &&
      this.ingress.equals(other.ingress) &&
      this.egress.equals(other.egress)
    );
  }
}

/** A firewall without rules. */
export function emptyFirewall(): Firewall {
  return new Firewall(false, new FirewallListBuilder().finish(), new FirewallListBuilder().finish());
}

/** What {@link Firewall.bytes} says; undefined when a line is not understood: half a firewall is none. */
export function parseFirewall(text: string): Firewall | undefined {
  const [head, ...lines] = text.split('\n').filter((line) => line !== '');
  const policy = /^default-egress (allow|deny)$/.exec(head ?? '')?.[1];
  if (policy === undefined) return undefined;
  const ingress = new FirewallListBuilder();
  const egress = new FirewallListBuilder();
  return lines.every((line) => addLine(line, ingress, egress))
    ? new Firewall(policy === 'allow', ingress.finish(), egress.finish())
    : undefined;
}

/** @returns false when the line is not understood */
function addLine(line: string, ingress: FirewallListBuilder, egress: FirewallListBuilder): boolean {
  const words = line.split(' ');
  const from = words.indexOf('from');
  if (from === -1) return false;
  const isIngress = words[0] === 'ingress';
  const publicIp = isIngress ? parseAddress(words[1] ?? '') : 0;
  const traffic = parseTraffic(words.slice(isIngress ? 2 : 1, from));
  if (publicIp === undefined || traffic === undefined) return false;
  if (isIngress) {
    ingress.add(publicIp, traffic);
    ingress.destinations.any();
    return words.length === from + 2 && ingress.sources.addList(words[from + 1] ?? '');
  }
  egress.add(0, traffic);
  return (
    words[0] === 'egress' &&
    words[from + 2] === 'to' &&
    egress.sources.addList(words[from + 1] ?? '') &&
    egress.destinations.addList(words[from + 3] ?? '')
  );
}
