import { z } from 'zod';
import { parseAddress } from '../../model/address.js';
import { Firewall } from '../../model/firewall.js';
import { FirewallListBuilder } from '../../model/firewall-list.js';
import { noText, type Rows } from '../../rows/rows.js';
import type { ApplyFirewallRules } from '../command.js';
import { ContractError } from '../contract-error.js';
import { quote } from '../quote.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { addNetworks, issueWords, RuleError, ruleColumns, trafficAt } from '../rule-fields.js';
import { type SentList, SentRules } from '../sent-rules.js';
import { targetOf, targetToRemoveFields } from '../target.js';

// A set of rules also comes when the network is going, with whatever VLAN it had.
const schema = z.object(targetToRemoveFields);

const ruleSet = z.object({
  default_egress_allow: z.union([z.boolean(), z.stringbool()]).default(false),
  // Each is looked at by itself.
  rules: z.custom<readonly unknown[]>(Array.isArray, 'expected a list').default([]),
});

const columns = {
  type: { kind: 'text', isRequired: true },
  publicIp: { kind: 'text', isRequired: false },
  destCidrs: { kind: 'networks', isRequired: false },
  ...ruleColumns,
} as const;

const list: SentList<typeof columns> = { field: 'fw_rules', member: 'rules', columns, nameOf };

/** CONTRACT §5.8, §6.1. One bad rule rejects the whole set, by the rule's id or else its place in the list. */
export function decodeApplyFirewallRules(call: RawCall): ApplyFirewallRules {
  const target = targetOf(call, read(call, schema));
  const ruleSetOf = (value: unknown): z.output<typeof ruleSet> => {
    const sent = ruleSet.safeParse(value);
    if (sent.success) return sent.data;
    throw new ContractError(`${call.command}: ${call.spelling('fw_rules')}: ${issueWords(sent.error)}`);
  };
  const sent = new SentRules(call, list, (value) => ruleSetOf(value).rules);
  const { default_egress_allow: allow } = ruleSetOf(sent.value);
  const { rows } = sent;
  const directions = new Directions(rows);
  sent.each((row) => directions.add(row));
  return {
    name: 'apply-fw-rules',
    target,
    firewall: new Firewall(allow, directions.ingress.finish(), directions.egress.finish()),
  };
}

/** A rule's id as it is shown in a message, else its place. */
function nameOf(rule: unknown, index: number): string {
  const id = (rule as { id?: unknown } | null)?.id;
  if (typeof id === 'number') return String(id);
  if (typeof id !== 'string' || id === '') return String(index + 1);
  return /^[A-Za-z0-9-]{1,64}$/.test(id) ? id : quote(id);
}

/** Rules, sorted by their direction. */
class Directions {
  readonly ingress: FirewallListBuilder;
  readonly egress = new FirewallListBuilder();
  readonly #types: readonly string[];
  readonly #publicIps: readonly (number | undefined)[];

  constructor(private readonly rows: Rows<typeof columns>) {
    this.ingress = new FirewallListBuilder(rows.count);
    // There are few different texts, and many rules.
    this.#types = rows.texts.map((text) => text.toLowerCase());
    this.#publicIps = rows.texts.map(parseAddress);
  }

  /** @throws RuleError */
  add(row: number): void {
    const { texts, type, publicIp, sourceCidrs, destCidrs } = this.rows;
    const traffic = trafficAt(this.rows, row);
    switch (this.#types[type[row] ?? 0]) {
      case 'ingress': {
        const address = this.#publicIps[publicIp[row] ?? noText];
        if (address === undefined) {
          throw new RuleError(`publicIp ${quote(texts[publicIp[row] ?? noText] ?? '')}: expected an IPv4 address`);
        }
        this.ingress.add(address, traffic);
        addNetworks('sourceCidrs', texts, sourceCidrs, row, this.ingress.sources);
        this.ingress.destinations.any();
        return;
      }
      case 'egress':
        this.egress.add(0, traffic);
        addNetworks('sourceCidrs', texts, sourceCidrs, row, this.egress.sources);
        addNetworks('destCidrs', texts, destCidrs, row, this.egress.destinations);
        return;
      default:
        throw new RuleError(`type ${quote(texts[type[row] ?? 0] ?? '')}: expected ingress or egress`);
    }
  }
}
