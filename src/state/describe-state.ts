import { readdirSync } from 'node:fs';
import { packFile, policyRoutingFile } from './layout.js';
import { withWholePack } from './pack-file.js';
import { readSmallFile } from './small-file.js';
import { asStateError } from './state-error.js';

/** Files whose contents are shown, by their path in the directory. Anything else may hold passwords, user data or keys. */
const plain = [
  /^(?:namespace|vlan|gateway|cidr|extension-ip|guest-type|ip6-gateway|ip6-cidr|dns6)$/,
  /^(?:ips|public|static-nat|port-forward)\/[0-9a-z._:-]+$/,
  new RegExp(`^${policyRoutingFile}$`),
  /^haproxy\/haproxy\.cfg$/,
  /^radvd\/radvd\.conf$/,
];

/** Most entries that are listed. */
const most = 2_000;

/**
 * The files in a directory of the state, a line each: path and, of the plain ones, contents. Symbolic links are not followed.
 *
 * @param directory relative to the root
 */
export function describeState(root: string, directory: string): string {
  const lines: string[] = [];
  let omitted = 0;
  const visit = (path: string): void => {
    let entries: ReturnType<typeof entriesOf>;
    try {
      entries = entriesOf(`${root}/${directory}/${path}`);
    } catch (error) {
      lines.push(`${path}: cannot be read (${(error as { code?: string }).code ?? String(error)})`);
      return;
    }
    for (const entry of entries) {
      const name = `${path}${entry.name}`;
      if (lines.length >= most) omitted++;
      else if (entry.isDirectory()) {
        lines.push(`${name}/`);
        visit(`${name}/`);
      } else {
        const all = described(name, `${root}/${directory}/${name}`, entry.isFile());
        const shown = all.slice(0, most - lines.length);
        omitted += all.length - shown.length;
        lines.push(...shown);
      }
    }
  };
  visit('');
  if (omitted > 0) lines.push(`… and ${omitted} more`);
  return lines.map((line) => `${line}\n`).join('');
}

function entriesOf(path: string) {
  return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function described(name: string, path: string, isFile: boolean): string[] {
  const shown = shownName(name);
  if (!isFile) return [`${shown} (no regular file)`];
  if (name === packFile) return [shown, ...packedNames(path).map((line) => `    ${line}`)];
  if (!plain.some((pattern) => pattern.test(name))) return [shown];
  const [first = '', ...others] = (readSmallFile(path) ?? '').trimEnd().split('\n');
  return [`${shown}: ${first}`.trimEnd(), ...others.map((line) => `    ${line}`)];
}

/** What a pack holds instead of files. */
function packedNames(path: string): string[] {
  try {
    return withWholePack(path, (pack) =>
      (pack?.addresses ?? []).flatMap((guestIp) =>
        (pack?.files(guestIp) ?? []).map((file) => shownName(`${guestIp}/latest/${file.path}`)),
      ),
    );
  } catch (error) {
    return [`cannot be read (${asStateError(error).message})`];
  }
}

/** Names come from the disk: a line end in one must not look like another file. */
function shownName(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) ? name : JSON.stringify(name);
}
