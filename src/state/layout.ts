/** Where things lie below the state root `/var/lib/cloudstack/<extension>` (CONTRACT §2, HOST-BEHAVIOUR). All paths are relative to it. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DomainId } from '../model/domain.js';

/** Holds a state root for each extension, and what other programs of CloudStack keep. */
const roots = '/var/lib/cloudstack';

/** The state root of an extension. */
export function stateRoot(extension: string): string {
  return join(roots, extension);
}

/** The directories that may be state roots. */
export function extensionNames(): string[] {
  try {
    return readdirSync(roots, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

/** Directory of a network: VLAN, gateway, CIDR, extension address and its services. A VPC's tier has one, too. */
export function networkDirectory(networkId: string): string {
  return `network-${networkId}`;
}

/** Directory of what a namespace has once: its name, public addresses, static NATs and port forwards. */
export function domainDirectory(domain: DomainId): string {
  return `${domain.kind}-${domain.id}`;
}

/** The file that is locked, the same one that the shell wrapper locks. */
export function lockFile(domain: DomainId): string {
  return `lock-${domain.kind}-${domain.id}`;
}

/** In a domain's directory, our own: the routes and rules that custom actions have asked for. */
export const policyRoutingFile = 'policy-routing';

/** Directories inside a domain's directory that are gone when an isolated network is shut down; `public` is our own. */
export const transientDirectories = ['ips', 'public', 'static-nat', 'port-forward'] as const;

/** In a network's directory: `<address>=<password>` of its guests, one a line. */
export const passwordsFile = 'passwords';

/** In a network's directory: what its guests can ask for, a directory for each guest's address. */
export const metadataDirectory = 'metadata';

/** In a network's directory, our own: the same of guests that have no directory (`guest-pack.ts`). */
export const packFile = 'metadata.pack';

/** What one guest of a network can ask for, with `latest/` in it. */
export function guestDirectory(networkId: string, guestIp: string): string {
  return `${networkDirectory(networkId)}/${metadataDirectory}/${guestIp}`;
}
