/** The networks of all extensions that have services configured, by what lies in the state directories. */

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { DomainId } from '../model/domain.js';
import { isIdentifier } from '../model/identifier.js';
import { isNamespaceName, networkNamespace, vpcNamespace } from '../model/names.js';
import { dnsmasqPlaces } from '../state/dnsmasq-places.js';
import { domainDirectory } from '../state/layout.js';
import { readSmallFile, singleLine } from '../state/small-file.js';

export interface Configured {
  /** State root of the extension. */
  readonly root: string;
  readonly networkId: string;
  readonly domain: DomainId;
  /** Name of the network namespace. */
  readonly namespace: string;
}

/** @param roots the state roots of all extensions */
export async function* findConfigured(roots: readonly string[]): AsyncGenerator<Configured> {
  for (const root of roots) {
    const names = await namesIn(root);
    const vpcs = new Map<string, string>();
    for (const vpcId of idsOf(names, 'vpc')) {
      for (const networkId of await namesIn(`${root}/vpc-${vpcId}/tiers`)) vpcs.set(networkId, vpcId);
    }
    for (const networkId of idsOf(names, 'network')) {
      if (!existsSync(dnsmasqPlaces(root, networkId).configuration)) continue;
      const vpcId = vpcs.get(networkId);
      const domain: DomainId = vpcId === undefined ? { kind: 'network', id: networkId } : { kind: 'vpc', id: vpcId };
      yield { root, networkId, domain, namespace: namespaceOf(root, domain) };
    }
  }
}

function namespaceOf(root: string, domain: DomainId): string {
  const text = readSmallFile(`${root}/${domainDirectory(domain)}/namespace`);
  const stored = typeof text === 'string' ? singleLine(text) : null;
  if (stored !== null && isNamespaceName(stored)) return stored;
  return domain.kind === 'vpc' ? vpcNamespace(domain.id) : networkNamespace(domain.id);
}

function idsOf(names: readonly string[], kind: DomainId['kind']): string[] {
  return names.flatMap((name) => {
    const id = name.startsWith(`${kind}-`) ? name.slice(kind.length + 1) : '';
    return isIdentifier(id) ? [id] : [];
  });
}

/** None when it is no directory. */
async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch {
    return [];
  }
}
