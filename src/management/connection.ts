import * as z from 'zod/mini';
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

const text = z.pipe(
  z.nullish(z.union([z.string(), z.number(), z.boolean()])),
  z.transform((value) => String(value ?? '')),
);
const seconds = (least: number, most: number, usual: number) =>
  text.check(
    z.refine(
      (value) => value === '' || (/^[0-9]{1,5}$/.test(value) && Number(value) >= least && Number(value) <= most),
      {
        error: `expected seconds from ${least} to ${most}`,
      },
    ),
    z.overwrite((value) => (value === '' ? String(usual) : value)),
  );

const schema = z.object({
  hosts: text,
  host: text,
  port: text.check(
    z.refine((value) => value === '' || (/^[0-9]{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65535), {
      error: 'expected a port from 1 to 65535',
    }),
  ),
  username: text.check(
    z.refine((value) => value === '' || /^[^-\s\p{Cc}][^\s\p{Cc}]*$/u.test(value), { error: 'expected a user name' }),
  ),
  password: text.check(
    z.refine((value) => !/[\r\n\0]/.test(value), { error: 'expected one line (the value is not shown)' }),
  ),
  sshkey: text,
  'ssh.host.key.checking': text.check(
    z.refine((value) => ['', 'no', 'accept-new', 'yes'].includes(value), {
      error: 'expected no, accept-new or yes',
    }),
  ),
  'ssh.known.hosts.file': text.check(
    z.refine((value) => value === '' || /^\/[^"%\p{Cc}]*$/u.test(value), {
      error: 'expected the absolute path of a file, without quotation marks and percent signs',
    }),
  ),
  'ssh.timeout': seconds(1, 60, 10),
  'ssh.persist': seconds(1, 86_400, 300),
});

/** @throws ConfigurationFailure naming the detail that is not what it should be */
export function readAccess(details: Details): Access {
  const result = schema.safeParse(details);
  if (!result.success) {
    const issue = result.error.issues[0];
    const key = String(issue?.path[0] ?? '');
    const value = details[key];
    const shown = sshSecrets.has(key) || typeof value !== 'string' ? '' : ` ${quote(value)}`;
    throw new ConfigurationFailure(`extension detail "${key}"${shown}: ${issue?.message ?? 'expected another value'}`);
  }
  const read = result.data;
  const knownHosts = read['ssh.known.hosts.file'];
  return {
    hosts: listHosts(read.hosts, read.host),
    connection: {
      port: read.port === '' ? 22 : Number(read.port),
      user: read.username === '' ? 'root' : read.username,
      key: read.sshkey === '' ? undefined : normalizeKey(read.sshkey),
      password: read.password === '' ? undefined : read.password,
      hostKeyChecking: checking(read['ssh.host.key.checking']),
      knownHosts: knownHosts === '' ? undefined : knownHosts,
      patience: Number(read['ssh.timeout']),
      persistence: Number(read['ssh.persist']),
    },
  };
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
