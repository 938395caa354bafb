/** What a command wants done, as data: no step of it touches anything. The executor carries it out, and undoes it when a step fails. */

import type {
  ChangeRoute,
  ChangeRule,
  CreateTable,
  DeleteTable,
  Hook,
  ListRouting,
  ListTables,
} from '../contract/custom-action.js';
import type { ConnectionFilter } from '../kernel/connection.js';
import type { Change } from '../model/change.js';
import type { NameForm } from '../model/names.js';
import type { Vlan } from '../model/values.js';
import type { FileEdit } from '../state/file-edit.js';

/** A bridge on the host with its port to the outside. Both are used as they are when they exist; neither is ever removed. */
export interface HostBridge {
  readonly bridge: string;
  /** The port: the VLAN link, or the device itself when untagged. */
  readonly port: string;
  readonly device: string;
  /** Which detail names the device, for errors. */
  readonly detail: 'guest.network.device' | 'public.network.device';
  readonly vlan: Vlan;
}

/** A veth pair between a host bridge and the namespace. */
export interface VethPair {
  readonly host: string;
  readonly inside: string;
  readonly bridge: string;
  readonly form: NameForm;
}

/** An address on a link inside the namespace. */
export interface InsideAddress {
  readonly link: string;
  readonly address: string;
  readonly prefix: number;
  /** What it is known by to programs that ask for a link's own addresses; the link's name by default. */
  readonly label?: string;
}

/** A way out of the namespace. */
export interface Gateway {
  readonly gateway: string;
  readonly link: string;
}

/** The links, addresses and routes a plan wants present or gone. What is not named is left alone. */
export interface Links {
  readonly bridges: readonly HostBridge[];
  readonly pairs: readonly VethPair[];
  /** Host ends of pairs that are to be gone; their other ends go with them. */
  readonly removedPairs: readonly string[];
  readonly addresses: readonly InsideAddress[];
  readonly removedAddresses: readonly InsideAddress[];
  /** Links inside the namespace that speak IPv6; all others do not. */
  readonly ipv6Links: readonly string[];
  /** Routes on the host to a public address: `<address>/32 dev <host end>`. */
  readonly hostRoutes: readonly { readonly address: string; readonly link: string }[];
  readonly removedHostRoutes: readonly { readonly address: string; readonly link: string }[];
  /**
   * Default route of the namespace: the first of the candidates, except that with `keep` a default route that already is one of
   * them stays; with no candidate there is none. Undefined leaves the route alone.
   */
  readonly defaultRoute: { readonly candidates: readonly Gateway[]; readonly keep: boolean } | undefined;
}

/** What a custom action does in a namespace that is there. */
export type PlannedAction =
  | CreateTable
  | DeleteTable
  | ListTables
  | ChangeRoute
  | ChangeRule
  | ListRouting
  | { readonly action: 'reboot-device'; readonly hostEnd: string }
  | { readonly action: 'dump-config' | 'list-firewall-rules' };

/** A lease that is to be forgotten: whoever has the address by it, but for one NIC. */
export interface FreedAddress {
  readonly ip: string;
  /** The NIC that may have it. */
  readonly keep: string | undefined;
}

/** A program that serves the guests of a network: after the plan it runs with what the domain says, or does not run. */
export type ServiceWork =
  | { readonly service: 'dnsmasq'; readonly networkId: string; readonly freed: readonly FreedAddress[] }
  | { readonly service: 'haproxy' | 'radvd'; readonly networkId: string };

/** A plan. */
export interface Plan {
  /**
   * `ensure`: made when it is missing; `expect`: the plan has work for the kernel only if it is there; `remove`: it is to be gone,
   * and with it everything inside.
   */
  readonly namespace: 'ensure' | 'expect' | 'remove';
  readonly links: Links;
  readonly changes: readonly Change[];
  /** Edits of state files that follow from no change. */
  readonly files: readonly FileEdit[];
  /** Connections that must not go on. */
  readonly endConnections: readonly ConnectionFilter[];
  /** Whether connections that the rules do not let through any more are ended, too. */
  readonly endsRefusedConnections: boolean;
  /** Addresses whose owner's MAC address the neighbours are told. */
  readonly announcements: readonly { readonly link: string; readonly address: string }[];
  /** A custom action: then nothing else of the plan is done but the announcements. It answers with text. */
  readonly action: PlannedAction | undefined;
  /** A program of the operator's, started when the domain is not locked any more: it may call us. */
  readonly hook: Hook | undefined;
  /** In step with the state files: they are what the programs read. */
  readonly services: readonly ServiceWork[];
  /** Whether what is known of policy routing and is missing in the kernel comes back. */
  readonly restoresPolicyRouting: boolean;
  /** Whether the namespace's names of routing tables go. */
  readonly removesTableNames: boolean;
  /** Lines for the log. */
  readonly notes: readonly string[];
}

export const noLinks: Links = {
  bridges: [],
  pairs: [],
  removedPairs: [],
  addresses: [],
  removedAddresses: [],
  ipv6Links: [],
  hostRoutes: [],
  removedHostRoutes: [],
  defaultRoute: undefined,
};

const none: readonly never[] = [];

/**
 * A plan with what is given and nothing else. Member by member: there is one for each command of a burst, and what is the same in nearly all of
 * them is there once.
 */
export function plan(parts: Partial<Omit<Plan, 'links'>> & { readonly links?: Partial<Links> }): Plan {
  return {
    namespace: parts.namespace ?? 'expect',
    links: parts.links === undefined ? noLinks : { ...noLinks, ...parts.links },
    changes: parts.changes ?? none,
    files: parts.files ?? none,
    endConnections: parts.endConnections ?? none,
    endsRefusedConnections: parts.endsRefusedConnections ?? false,
    announcements: parts.announcements ?? none,
    action: parts.action,
    hook: parts.hook,
    services: parts.services ?? none,
    restoresPolicyRouting: parts.restoresPolicyRouting ?? false,
    removesTableNames: parts.removesTableNames ?? false,
    notes: parts.notes ?? none,
  };
}
