import { quote } from '../contract/quote.js';
import type { Details } from '../contract/raw-call.js';
import { ConfigurationFailure } from './failure.js';
import { listHosts } from './hosts.js';

/** How a host proves who it is, in the words of ssh_config(5). */
export type HostKeyChecking = 'no' | 'accept-new' | 'yes';

/** Everything needed to log in to a host but its name. */
export interface Connection {
  readonly port: number;
  readonly user: string;
  /** PEM with a newline at its end; wins over the password. */
  readonly key: string | undefined;
  readonly password: string | undefined;
  readonly hostKeyChecking: HostKeyChecking;
  /** File of known host keys; undefined: ssh's own. */
  readonly knownHosts: string | undefined;
  /** For so many seconds a host may be silent before it counts as gone. */
  readonly patience: number;
  /** For so many seconds a connection that nobody uses is kept. */
  readonly persistence: number;
}

/** What the extension's details say about hosts and the way to them (CONTRACT §1.1). */
export interface Access {
  readonly hosts: readonly string[];
  readonly connection: Connection;
}

/** The details nobody but this program needs. */
export const sshSecrets: ReadonlySet<string> = new Set(['password', 'sshkey']);

const isNumberFrom = (value: string, least: number, most: number) =>
  /^[0-9]{1,5}$/.test(value) && Number(value) >= least && Number(value) <= most;

/**
 * What a detail may be besides empty, and how that is called. Not a schema: to make one and to use it once takes a millisecond, in a program that is
 * started for each step.
 */
const rules: readonly (readonly [string, (value: string) => boolean, string])[] = [
  ['port', (value) => isNumberFrom(value, 1, 65535), 'a port from 1 to 65535'],
  ['username', (value) => /^[^-\s\p{Cc}][^\s\p{Cc}]*$/u.test(value), 'a user name'],
  ['password', (value) => !/[\r\n\0]/.test(value), 'one line (the value is not shown)'],
  ['ssh.host.key.checking', (value) => ['no', 'accept-new', 'yes'].includes(value), 'no, accept-new or yes'],
  [
    'ssh.known.hosts.file',
    (value) => /^\/[^"%\p{Cc}]*$/u.test(value),
    'the absolute path of a file, without quotation marks and percent signs',
  ],
  ['ssh.timeout', (value) => isNumberFrom(value, 1, 60), 'seconds from 1 to 60'],
  ['ssh.persist', (value) => isNumberFrom(value, 1, 86_400), 'seconds from 1 to 86400'],
];

/** @throws ConfigurationFailure naming the detail that is not what it should be */
export function readAccess(details: Details): Access {
  for (const [key, isGood, expected] of rules) {
    const value = read(details, key);
    if (value !== '' && !isGood(value)) throw wrongDetail(details, key, `expected ${expected}`);
  }
  const [key, password] = [read(details, 'sshkey'), read(details, 'password')];
  const knownHosts = read(details, 'ssh.known.hosts.file');
  return {
    hosts: listHosts(read(details, 'hosts'), read(details, 'host')),
    connection: {
      port: Number(read(details, 'port') || 22),
      user: read(details, 'username') || 'root',
      key: key === '' ? undefined : normalizeKey(key),
      password: password === '' ? undefined : password,
      hostKeyChecking: checking(read(details, 'ssh.host.key.checking')),
      knownHosts: knownHosts === '' ? undefined : knownHosts,
      patience: Number(read(details, 'ssh.timeout') || 10),
      persistence: Number(read(details, 'ssh.persist') || 300),
    },
  };
}

/** A detail's text; empty when there is none. */
function read(details: Details, key: string): string {
  const value = Object.hasOwn(details, key) ? (details[key] ?? '') : '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw wrongDetail(details, key, 'expected text');
}

function wrongDetail(details: Details, key: string, message: string): ConfigurationFailure {
  const value = details[key];
  const shown = sshSecrets.has(key) || typeof value !== 'string' ? '' : ` ${quote(value)}`;
  return new ConfigurationFailure(`extension detail "${key}"${shown}: ${message}`);
}

/** The host's keys are not looked at unless the operator wants it, as with the shell program. */
function checking(value: string): HostKeyChecking {
  return value === 'yes' || value === 'accept-new' ? value : 'no';
}

/** Keys come with real line ends, or with `\n` written out where a form or a shell has escaped them. */
function normalizeKey(text: string): string {
  return `${text.replaceAll('\\r', '').replaceAll('\\n', '\n').replaceAll('\r', '').trim()}\n`;
}

/**
 * A host's name or address as ssh's argument.
 *
 * @throws ConfigurationFailure for what ssh would take for an option
 */
export function checkHost(host: string): string {
  if (/^[A-Za-z0-9_:[][A-Za-z0-9_.:%[\]-]*$/.test(host)) return host;
  throw new ConfigurationFailure(`host ${quote(host)}: expected a name or an address`);
}
