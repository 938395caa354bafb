/** Which networks have something to tell their guests, from the state directories alone: for the daemon's start. */

import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { isAddress, parseCidr } from '../model/address.js';
import type { DomainId } from '../model/domain.js';
import { isIdentifier } from '../model/identifier.js';
import { isNamespaceName, networkNamespace, vpcNamespace } from '../model/names.js';
import { domainDirectory, networkDirectory } from '../state/layout.js';
import { readSmallFile, singleLine } from '../state/small-file.js';
import { hasUserData } from '../state/user-data-files.js';
import type { ServedNetwork } from './served-place.js';

/** A domain with such networks. */
export interface FoundPlace {
  readonly id: DomainId;
  readonly namespace: string;
  readonly networks: readonly ServedNetwork[];
}

/**
 * The domains below a state root. Only what is needed is read, not whole domains: there can be hundreds of them, each with thousands of
 * rules. What is damaged is left out; a command about the network will say so.
 */
export async function* findPlaces(root: string): AsyncGenerator<FoundPlace> {
  const names = namesIn(root);
  const tiers = new Set<string>();
  for (const vpc of idsOf(names, 'vpc')) {
    const id: DomainId = { kind: 'vpc', id: vpc };
    const own = namesIn(`${root}/${domainDirectory(id)}/tiers`).filter(isIdentifier);
    for (const tier of own) tiers.add(tier);
    const networks = own.flatMap((tier) => servedNetwork(root, tier));
    if (networks.length > 0) yield { id, namespace: vpcNamespace(vpc), networks };
    await setImmediate();
  }
  for (const network of idsOf(names, 'network')) {
    if (tiers.has(network)) continue;
    const networks = servedNetwork(root, network);
    const namespace =
      line(`${root}/${networkDirectory(network)}/namespace`, isNamespaceName) ?? networkNamespace(network);
    if (networks.length > 0) yield { id: { kind: 'network', id: network }, namespace, networks };
    await setImmediate();
  }
}

function servedNetwork(root: string, id: string): ServedNetwork[] {
  if (!hasUserData(root, id)) return [];
  const directory = `${root}/${networkDirectory(id)}`;
  const address = line(`${directory}/extension-ip`, isAddress) ?? line(`${directory}/gateway`, isAddress);
  const cidr = parseCidr(line(`${directory}/cidr`, () => true) ?? '');
  return address === undefined || cidr === undefined ? [] : [{ id, address, cidr }];
}

function line(path: string, isValid: (text: string) => boolean): string | undefined {
  const text = singleLine(readSmallFile(path) ?? '');
  return text !== null && text !== '' && isValid(text) ? text : undefined;
}

function idsOf(names: readonly string[], kind: DomainId['kind']): string[] {
  const prefix = `${kind}-`;
  return names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])).filter(isIdentifier);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
