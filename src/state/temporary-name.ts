import { randomBytes } from 'node:crypto';

/**
 * Name of a file that is being written. It lies beside its target; the dot keeps it from the shell wrapper's globs, and it ends
 * in neither `.pvlan` nor `.tier`.
 */
export function temporaryName(): string {
  return `.${randomBytes(8).toString('hex')}.tmp`;
}

export function isTemporaryName(name: string): boolean {
  return name.startsWith('.') && /^\.[0-9a-f]{16}\.tmp$/.test(name);
}
