/** One call in the forms of all generations (CONTRACT §0, §8). */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Request } from '../../../src/contract/command.js';
import { decode } from '../../../src/contract/decode.js';

const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';

export const generations = ['1', '2.0', '2.1', '2.2'] as const;
export type Generation = (typeof generations)[number];

/** A call, by the keys of generation 2.2, with plain contents. */
export interface Said {
  readonly command: string;
  readonly values: Readonly<Record<string, string>>;
  readonly nested?: Readonly<Record<string, unknown>>;
}

export const physicalDetails = {
  hosts: '192.0.2.1',
  username: 'root',
  sshkey: '-----BEGIN FAKE-----\nSECRETs=\n-----END FAKE-----\n',
  'guest.network.device': 'bond0',
  'public.network.device': 'bond1',
};

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** JSON as Gson writes it. */
export function gson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&='\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A copy with each `content` as base64. */
function encoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(encoded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === 'content' && typeof member === 'string' ? base64(member) : encoded(member),
    ]),
  );
}

/** What only payloads hold. */
const added = /^(?:zone_id|guest_type|network_state|vpc_state|nic_uuid|device_id|netmask|ip6_.*)$/;

/** A value as a generation spells it. */
function spelled(key: string, value: string, generation: Generation): [string, string][] {
  const isEncoded = generation === '1' || generation === '2.0';
  if (generation === '1' && added.test(key)) return [];
  if (key === 'vpc_cidr' && isEncoded) return [['cidr', value]];
  if (key.endsWith('_state') && generation !== '2.2') return [];
  if ((key === 'userdata' || key === 'sshkey') && isEncoded) return [[key, base64(value)]];
  return [[key, value]];
}

/** The arguments of a call, and what its payload file holds. */
export function spell(
  { command, values, nested = {} }: Said,
  generation: Generation,
): { readonly argv: string[]; readonly payload: object | undefined } {
  const own = Object.entries(values).flatMap(([key, value]) => spelled(key, value, generation));
  const isText = (key: string) => key === 'lb_rules' || key === 'options' || key === 'action_params';
  const texts = Object.entries(nested).map(([key, value]) => [
    key,
    isText(key) ? JSON.stringify(value) : base64(JSON.stringify(encoded(value))),
  ]);
  if (generation === '1') {
    const options = [...own, ...texts].flatMap(([key, value]) => [`--${key?.replaceAll('_', '-')}`, value ?? '']);
    const details = ['--physical-network-extension-details', JSON.stringify(physicalDetails)];
    return { argv: [command, ...options, ...details], payload: undefined };
  }
  const body = { ...Object.fromEntries(own), ...(generation === '2.0' ? Object.fromEntries(texts) : nested) };
  const details = { 'physical-network-extension-details': physicalDetails, 'network-extension-details': {} };
  const { action_params: parameters, ...flat } = body as { action_params?: unknown };
  return {
    argv: [command, 'payload', '60'],
    payload:
      command === 'custom-action'
        ? { ...flat, ...details, 'action-params': parameters ?? {} }
        : { ...details, payload: body },
  };
}

/** Decodes calls with payload files in a directory of their own. */
export class Decoding {
  readonly directory = mkdtempSync(join(tmpdir(), 'payload-'));

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  /** Decodes arguments, with the file `payload` in the caller's directory. */
  async decode(argv: readonly string[], payload?: string, environment: Record<string, string> = {}): Promise<Request> {
    if (payload !== undefined) writeFileSync(join(this.directory, 'payload'), payload);
    return decode({ program, arguments: argv, environment, directory: this.directory });
  }

  /** Decodes a call as one generation sends it. */
  async say(said: Said, generation: Generation): Promise<Request> {
    const { argv, payload } = spell(said, generation);
    return this.decode(argv, payload === undefined ? undefined : gson(payload));
  }

  /** Decodes a payload of `<command> payload 60`. */
  async payload(command: string, payload: unknown): Promise<Request> {
    return this.decode([command, 'payload', '60'], typeof payload === 'string' ? payload : gson(payload));
  }
}
