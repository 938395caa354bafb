/** Changes of the model as edits of the files that dnsmasq reads. */

import { type Change, entriesOf } from '../model/change.js';
import type { Domain, Entries } from '../model/domain.js';
import { type GuestName, type Lease, type NicOptions, ofNetwork } from '../model/name-service.js';
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
    const network = after(domain, 'network', networkId, changes);
    const service = after(domain, 'nameService', networkId, changes);
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
      const own: Lease[] = entriesAfter(domain, 'lease', networkId, changes);
      const nics: NicOptions[] = entriesAfter(domain, 'nicOptions', networkId, changes);
      edits.push({ path: file('hostLines'), content: formatHostLines(own, nics) });
      edits.push({ path: file('optionLines'), content: formatOptionLines(own, nics) });
      const text = formatNicOptions(nics);
      edits.push(
        text === '' ? { path: file('nicOptions'), remove: true } : { path: file('nicOptions'), content: text },
      );
    }
    if (all || kinds.has('guestName')) {
      const names: GuestName[] = entriesAfter(domain, 'guestName', networkId, changes);
      edits.push({ path: file('names'), content: formatNames(names, network.extensionIp ?? network.gateway) });
    }
  }
  return edits;
}

function after<Kind extends 'network' | 'nameService'>(
  domain: Domain,
  kind: Kind,
  key: string,
  changes: readonly Change[],
): Entries[Kind] | undefined {
  const edit = changes.findLast((one) => one.kind === kind && one.key === key);
  const map = entriesOf(domain, kind);
  return edit === undefined ? map.get(key) : (edit.after as Entries[Kind] | undefined);
}

/** The entries of one network after the changes, in their order. */
function entriesAfter<Kind extends 'lease' | 'guestName' | 'nicOptions'>(
  domain: Domain,
  kind: Kind,
  networkId: string,
  changes: readonly Change[],
): Entries[Kind][] {
  const edits = changes.filter((edit) => edit.kind === kind);
  const map = entriesOf(domain, kind);
  if (edits.every(({ key, after: value }) => map.get(key) === value)) return ofNetwork(map.values(), networkId);
  const entries = new Map(map);
  for (const { key, after: value } of edits) {
    if (value === undefined) entries.delete(key);
    else entries.set(key, value as Entries[Kind]);
  }
  return ofNetwork(entries.values(), networkId);
}
