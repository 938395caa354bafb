import { readFile } from './small-file.js';

/** Who a program is when it needs root no more. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The kernel's own user and group for those who are nobody (`/proc/sys/kernel/overflowuid`). */
const nobody: Account = { uid: 65534, gid: 65534 };

/** The account that a package has made for its program on this host; nobody when there is none. */
export function accountOf(name: string): Account {
  const [, , uid = '', gid = ''] = lineOf(name)?.split(':') ?? [];
  if (!/^[1-9][0-9]{0,9}$/.test(uid) || !/^[1-9][0-9]{0,9}$/.test(gid)) return nobody;
  return { uid: Number(uid), gid: Number(gid) };
}

/** The same for a program that asks for a name. */
export function accountName(name: string): string {
  return lineOf(name) === undefined ? 'nobody' : name;
}

function lineOf(name: string): string | undefined {
  return (readFile('/etc/passwd') ?? '').split('\n').find((one) => one.startsWith(`${name}:`));
}
