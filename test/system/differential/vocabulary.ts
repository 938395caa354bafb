import type { Outcome } from '../../host/outcome.js';
import type { Network, NetworkSettings } from '../network.js';
import type { Vpc, VpcSettings } from '../vpc.js';

/**
 * The language of the tables: what CloudStack calls, and what must become of a packet afterwards. The outcomes are
 * written down from the documents alone: `HB` is HOST-BEHAVIOUR.md, `C` is CONTRACT.md, `A` is ARCHITECTURE.md.
 */
export interface Table {
  readonly subject: string;
  readonly networks: Readonly<Record<string, NetworkSettings>>;
  readonly vpcs?: Readonly<Record<string, VpcSettings>>;
  readonly guests: Readonly<Record<string, Guest>>;
  /** What is there before the first scenario. */
  readonly setUp: readonly Step[];
  /** Played in order on one host: each takes over what the one before left. */
  readonly scenarios: readonly Scenario[];
}

export interface Guest {
  readonly network: string;
  /** Last number of its address. */
  readonly host: number;
  /** Whether a server runs on it that speaks without being asked, on `speakerPort`. */
  readonly speaks?: boolean;
}

/** A connection to this port carries packets from both ends at any time. */
export const speakerPort = 7;

export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

export type Step = NetworkStep | VpcStep | RefusedStep | OpenStep | OutcomesStep;

/** Method and arguments of a call, e.g. `['assign', '203.0.113.10', { sourceNat: true }]`. */
type CallOf<Target, Method extends keyof Target> = {
  [Name in Method]: Target[Name] extends (...values: infer Values) => Promise<Outcome>
    ? readonly [Name, ...Values]
    : never;
}[Method];

export type NetworkCall = CallOf<
  Network,
  | 'implement'
  | 'shutdown'
  | 'destroy'
  | 'assign'
  | 'release'
  | 'addStaticNat'
  | 'deleteStaticNat'
  | 'addPortForward'
  | 'deletePortForward'
  | 'applyFirewall'
  | 'applyAcl'
  | 'applyBalancing'
>;
export type VpcCall = CallOf<Vpc, 'implement' | 'updateSourceNat' | 'shutdown' | 'destroy'>;

export interface NetworkStep {
  readonly network: string;
  readonly call: NetworkCall;
}

export interface VpcStep {
  readonly vpc: string;
  readonly call: VpcCall;
}

/** A call that must fail, with an error that contains `naming`. */
export interface RefusedStep {
  readonly network: string;
  readonly refused: NetworkCall;
  readonly naming: string;
}

/** Opens a connection that later outcomes ask about. */
export interface OpenStep {
  readonly open: string;
  readonly from: string;
  readonly to: string;
  readonly tcp: number;
}

/** Outcomes that hold at the same moment; they are looked at side by side. */
export interface OutcomesStep {
  readonly says: string;
  readonly outcomes: readonly Expected[];
}

export type Expected = Probe | ConnectionOutcome;

export interface ConnectionOutcome {
  readonly connection: string;
  readonly outcome: 'goes on' | 'ended';
}

/**
 * `from` is a guest, `internet` or another address outside; `to` is an address, or a name for the first address of
 * that machine.
 *
 * reaches X: X answers. answered: something answers. refused: the packet arrives at a machine where nothing listens.
 * dropped: no answer of any kind. closed: there is no way to a listener; whether something says so is left open.
 */
export type Probe = Packet & {
  readonly from: string;
  readonly to: string;
  readonly outcome: `reaches ${string}` | 'answered' | 'refused' | 'dropped' | 'closed';
  /** The source address the other end sees. */
  readonly seenFrom?: string;
  /** The port the other end is reached at. */
  readonly atPort?: number;
};

export type Packet =
  | { readonly tcp: number }
  | { readonly udp: number }
  | { readonly ping: true }
  /** Type and code of a question that a kernel answers: echo is 8/0, timestamp is 13/0. */
  | { readonly icmp: '8/0' | '8/1' | '13/0' }
  /**
   * A packet of another IP protocol: it has no answer, so `at` says where it would be seen to arrive. Without ports there
   * is one flow between two addresses, so a table uses a pair of them in one direction only.
   */
  | { readonly protocol: number; readonly at: string };

export function outcomesOf(table: Table): Expected[] {
  return table.scenarios.flatMap((scenario) =>
    scenario.steps.flatMap((step) => ('outcomes' in step ? step.outcomes : [])),
  );
}
