import { kindOf } from '../../state/confined-path.js';
import { metadataDirectory, packFile } from '../../state/layout.js';
import { withPack } from '../../state/pack-file.js';
import { type Guest, networkPath } from '../served-place.js';
import { type Found, lookUp } from './guest-tree.js';
import { lookUpPacked } from './packed-guest.js';

/** Looks a path up among what one guest is told; undefined when there is nothing. */
export type LookUp = (names: readonly string[]) => Promise<Found | undefined>;

/**
 * What a guest is told: what is in its directory, else what its network's pack says. Never both: what the pack says does not count any more
 * as soon as there is a directory.
 *
 * @throws StateError when the pack is damaged
 */
export function dataOf(guest: Guest): LookUp {
  const directory = `${networkPath(guest)}/${metadataDirectory}/${guest.address}`;
  if (kindOf(directory) !== undefined) return (names) => lookUp(`${directory}/latest`, names);
  return withPack(`${networkPath(guest)}/${packFile}`, (pack) => {
    const files = pack?.files(guest.address) ?? [];
    const modified = pack?.modified ?? new Date(0);
    return async (names) => lookUpPacked(files, modified, names);
  });
}
