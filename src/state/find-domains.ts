import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { DomainId } from '../model/domain.js';
import { isIdentifier } from '../model/identifier.js';
import { isNamespaceName, networkNamespace, vpcNamespace } from '../model/names.js';
import { domainDirectory } from './layout.js';
import { readSmallFile, singleLine } from './small-file.js';

/** A domain that has state, without its contents. */
export interface FoundDomain {
  readonly id: DomainId;
  /** Name of its network namespace. */
  readonly namespace: string;
  /** Ids of its networks: itself, or the VPC's tiers. */
  readonly networkIds: readonly string[];
}

/**
 * The domains below a state root, for the daemon's start: there can be hundreds of them, each with thousands of rules, and little of that is
 * needed then. What is damaged is left out; a command about the network will say so. Lets others run between any two.
 */
export async function* findDomains(root: string): AsyncGenerator<FoundDomain> {
  const names = namesIn(root);
  const tiers = new Set<string>();
  const found = (id: DomainId, networkIds: readonly string[]): FoundDomain => {
    const stored = lineIn(`${root}/${domainDirectory(id)}/namespace`, isNamespaceName);
    return { id, namespace: stored ?? (id.kind === 'vpc' ? vpcNamespace : networkNamespace)(id.id), networkIds };
  };
  for (const id of idsOf(names, 'vpc')) {
    const own = namesIn(`${root}/${domainDirectory({ kind: 'vpc', id })}/tiers`).filter(isIdentifier);
    for (const tier of own) tiers.add(tier);
    yield found({ kind: 'vpc', id }, own);
    await setImmediate();
  }
  for (const id of idsOf(names, 'network')) {
    if (tiers.has(id)) continue;
    yield found({ kind: 'network', id }, [id]);
    await setImmediate();
  }
}

/** The single line of a file, if there is one and it is valid. */
export function lineIn(path: string, isValid: (text: string) => boolean): string | undefined {
  const text = singleLine(readSmallFile(path) ?? '');
  return text !== null && text !== '' && isValid(text) ? text : undefined;
}

function idsOf(names: readonly string[], kind: DomainId['kind']): string[] {
  const prefix = `${kind}-`;
  return names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])).filter(isIdentifier);
}

/** None when it is no directory. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
