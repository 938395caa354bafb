/** Names that stand for the one version there is, as clients of EC2's metadata service ask: `latest`, `1.0`, `2009-04-04`, … */
const version = /^(?:latest|1\.0|\d{4}-\d{2}-\d{2})$/;

/** The versions that are named when a guest asks which there are. */
export const namedVersions = ['1.0', '2009-04-04', 'latest'] as const;

/**
 * The names a request's target leads through, decoded: `/latest/meta-data/` is `latest`, `meta-data`. Empty names do not count, so that
 * `//latest//meta-data/` is the same.
 *
 * @returns undefined when it cannot be a path of ours: anything that would lead up, to a hidden file or into a name's middle
 */
export function namesOf(target: string): readonly string[] | undefined {
  // Absolute form is what proxies are asked with (RFC 9112, 3.2.2); servers must take it, too.
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  if (path !== '' && !path.startsWith('/')) return undefined;
  const names: string[] = [];
  for (const part of path.split('/')) {
    if (part === '') continue;
    let name: string;
    try {
      name = decodeURIComponent(part);
    } catch {
      return undefined;
    }
    if (name.startsWith('.') || name.includes('\0') || /[/\\]/.test(name) || Buffer.byteLength(name) > 255)
      return undefined;
    names.push(name);
  }
  return names;
}

/** Whether a name is that of a version. */
export function isVersion(name: string): boolean {
  return version.test(name);
}
