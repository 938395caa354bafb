/** What an operator can ask of a network or VPC beyond the network commands (CONTRACT §5.11). */

import type { RouteSpecification, RuleSpecification } from '../model/policy-routing.js';
import type { NamedTable, TableReference } from '../model/table-names.js';

/** The guest link goes down and up. */
export interface RebootDevice {
  readonly action: 'reboot-device';
}

/** Addresses, bridges, rules and state, as text. */
export interface DumpConfig {
  readonly action: 'dump-config';
}

/** The rules, as text. */
export interface ListFirewallRules {
  readonly action: 'list-firewall-rules';
}

/** A name for a routing table, in the place of any that has the same id or name. */
export interface CreateTable {
  readonly action: 'pbr-create-table';
  readonly table: NamedTable;
}

/** The names of an id and the ids of a name go. */
export interface DeleteTable {
  readonly action: 'pbr-delete-table';
  readonly table: Partial<NamedTable>;
}

export interface ListTables {
  readonly action: 'pbr-list-tables';
}

export interface ChangeRoute {
  readonly action: 'pbr-add-route' | 'pbr-delete-route';
  readonly table: TableReference;
  readonly route: RouteSpecification;
  /** As they were sent, for the answer. */
  readonly tableText: string;
  readonly routeText: string;
}

export interface ChangeRule {
  readonly action: 'pbr-add-rule' | 'pbr-delete-rule';
  readonly table: TableReference;
  readonly rule: RuleSpecification;
  /** As they were sent, for the answer. */
  readonly tableText: string;
  readonly ruleText: string;
}

export interface ListRouting {
  readonly action: 'pbr-list-routes' | 'pbr-list-rules';
  /** All tables when not given. */
  readonly table: TableReference | undefined;
}

/** An action that the operator has installed a program for. */
export interface Hook {
  readonly action: 'hook';
  /** What it is called, fit for the name of a file. */
  readonly name: string;
  /** The parameters' JSON, byte for byte as it was sent; without white space when it came inside of other JSON. */
  readonly parameters: string;
}

export type ActionRequest =
  | RebootDevice
  | DumpConfig
  | ListFirewallRules
  | CreateTable
  | DeleteTable
  | ListTables
  | ChangeRoute
  | ChangeRule
  | ListRouting
  | Hook;
