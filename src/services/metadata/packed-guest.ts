import { createHash } from 'node:crypto';
import type { ToldFile } from '../../state/guest-block.js';
import type { Found } from './guest-tree.js';

/**
 * Looks a path up among the files of a packed guest, as `lookUp` does in a directory.
 *
 * @param modified when they were written
 */
export function lookUpPacked(files: readonly ToldFile[], modified: Date, names: readonly string[]): Found | undefined {
  const path = names.join('/');
  const file = files.find((one) => one.path === path);
  if (file !== undefined) {
    const content = Buffer.from(file.content);
    // The pack is a new file whenever any of its guests is told something new; the tag is by what this one is told.
    const tag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
    return { kind: 'file', content, size: content.length, modified, tag };
  }
  const prefix = names.length === 0 ? '' : `${path}/`;
  const inside = files.filter((one) => one.path.startsWith(prefix)).map((one) => one.path.slice(prefix.length));
  if (inside.length === 0) return undefined;
  const entries = inside.map((rest) => rest.replace(/\/.*$/s, '/'));
  return { kind: 'directory', entries: [...new Set(entries)].sort() };
}
