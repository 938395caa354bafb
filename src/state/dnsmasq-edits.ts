/** Changes of the model as edits of the files that dnsmasq reads. */

import { type Change, entriesAfter, entryAfter } from '../model/change.js';
import type { Domain } from '../model/domain.js';
import { ofNetwork } from '../model/name-service.js';
import { formatConfiguration } from './dnsmasq-configuration.js';
import { formatHostLines, formatNames, formatNicOptions, formatOptionLines } from './dnsmasq-lines.js';
import { dnsmasqDirectory, dnsmasqFiles, dnsmasqPlaces } from './dnsmasq-places.js';
import type { FileEdit } from './file-edit.js';

type ServiceKind = 'nameService' | 'lease' | 'guestName' | 'nicOptions';

/**
 * The edits of the networks that `changes` touch; the domain may be as it was before or as it is after them. Only what a change is about is
 * written out: a network may have thousands of leases.
 *
 * @param root the state root, which the files name
 */
export function dnsmasqEdits(domain: Domain, changes: readonly Change[], root: string): FileEdit[] {
  const touched = new Map<string, Set<ServiceKind | 'network'>>();
  const touch = (networkId: string, kind: ServiceKind | 'network') => {
    const kinds = touched.get(networkId) ?? new Set();
    touched.set(networkId, kinds.add(kind));
  };
  for (const { kind, key } of changes) {
    if (kind === 'network' || kind === 'nameService') touch(key, kind);
    else if (kind === 'lease' || kind === 'guestName' || kind === 'nicOptions') touch(key.split(' ', 1)[0] ?? '', kind);
  }
  const edits: FileEdit[] = [];
  for (const [networkId, kinds] of touched) {
    const network = entryAfter(domain, 'network', networkId, changes);
    const service = entryAfter(domain, 'nameService', networkId, changes);
    // A network that ends takes its directory with it; of one that is only shut down everything stays as it is.
    if (network === undefined || !network.active || service === undefined) continue;
    const places = dnsmasqPlaces(root, networkId);
    const configuration = formatConfiguration(network, service, places);
    if (configuration === undefined) continue;
    const file = (name: keyof typeof dnsmasqFiles) => `${dnsmasqDirectory(networkId)}/${dnsmasqFiles[name]}`;
    const all = kinds.has('network') || kinds.has('nameService');
    const leases = all || kinds.has('lease') || kinds.has('nicOptions');
    if (all) edits.push({ path: file('configuration'), content: configuration });
    if (leases) {
      const own = ofNetwork(entriesAfter(domain, 'lease', changes).values(), networkId);
      const nics = ofNetwork(entriesAfter(domain, 'nicOptions', changes).values(), networkId);
      edits.push({ path: file('hostLines'), content: formatHostLines(own, nics) });
      edits.push({ path: file('optionLines'), content: formatOptionLines(own, nics) });
      const text = formatNicOptions(nics);
      edits.push(
        text === '' ? { path: file('nicOptions'), remove: true } : { path: file('nicOptions'), content: text },
      );
    }
    if (all || kinds.has('guestName')) {
      const names = ofNetwork(entriesAfter(domain, 'guestName', changes).values(), networkId);
      edits.push({ path: file('names'), content: formatNames(names, network.extensionIp ?? network.gateway) });
    }
  }
  return edits;
}
