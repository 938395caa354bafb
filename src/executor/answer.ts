/** What a call prints. CloudStack shows an operator the text, or, if all of it is one JSON object, the object's message (CONTRACT §5.11). */

import type { Command } from '../contract/command.js';
import { formatVlan } from '../model/vlan.js';

/** What a custom action answers. */
export interface ActionAnswer {
  /** Lines with their ends. */
  readonly text: string;
  /** The same as it is shown by itself: a text, or a list of things; undefined for an answer that is always text. */
  readonly message: unknown;
}

/** A table of the ruleset, as nft prints it. */
export interface TableText {
  /** Family and name. */
  readonly table: string;
  readonly text: string;
}

/** One line. */
export function told(line: string): ActionAnswer {
  return { text: `${line}\n`, message: line };
}

/** A list, one a line. */
export function listed(lines: readonly string[], entryOf: (line: string) => object): ActionAnswer {
  return { text: linesText(lines), message: lines.map((line) => entryOf(line.trimEnd())) };
}

/** Lines with their ends. */
export function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** A line of rt_tables. */
export function tableEntry(line: string): object {
  const [, id, name] = /^([0-9]+)\s+(\S+)/.exec(line) ?? [];
  return id === undefined || name === undefined ? { result: line } : { id, name };
}

export function ruleset(tables: readonly TableText[]): ActionAnswer {
  return {
    text: tables.map(({ text }) => text).join(''),
    message: tables.map(({ table, text }) => ({ table, rules: text.trimEnd() })),
  };
}

/** What a command prints when it is done. CloudStack reads what implement-network prints as well, if it is JSON (CONTRACT §5.2). */
export function answerText(command: Command, answer: ActionAnswer | undefined): string {
  if (command.name === 'implement-network' && command.tellsBroadcast && command.target.vlan !== undefined) {
    return json({
      'network.broadcast_domain_type': 'Vlan',
      'network.broadcast_uri': `vlan://${formatVlan(command.target.vlan)}`,
    });
  }
  if (answer === undefined) return '';
  const isJson = command.name === 'custom-action' && command.answer === 'json' && answer.message !== undefined;
  return isJson ? json({ status: 'success', printmessage: 'true', message: answer.message }) : answer.text;
}

function json(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
