import { CommandError } from '../commands/command-error.js';
import type { Kernel } from './kernel.js';

interface Setting {
  readonly name: string;
  readonly value: string;
}

/** Sysctls of every namespace of ours. An address must not take others of its range with it when it goes (promote_secondaries). */
const ownSettings: readonly Setting[] = [
  { name: 'net/ipv4/ip_forward', value: '1' },
  { name: 'net/ipv4/conf/all/promote_secondaries', value: '1' },
  // Links that come do not speak IPv6 unless they are told to.
  { name: 'net/ipv6/conf/default/disable_ipv6', value: '1' },
];

/** Turns IPv6 off on all links, also on those of other networks in the namespace that are to have it. */
const noIpv6: Setting = { name: 'net/ipv6/conf/all/disable_ipv6', value: '1' };

/**
 * Of a link that speaks IPv6, in this order. We are the router: what others advertise does not count, and an address that is ours is ours, so
 * nobody is asked whether he has it (a guest could say yes, and the network would have no gateway).
 */
function linkSettings(link: string): readonly Setting[] {
  const own = `net/ipv6/conf/${link}`;
  return [
    { name: `${own}/accept_ra`, value: '0' },
    { name: `${own}/accept_dad`, value: '0' },
    { name: `${own}/disable_ipv6`, value: '0' },
  ];
}

const settingsOf = (hasIpv6: boolean): readonly Setting[] => (hasIpv6 ? ownSettings : [...ownSettings, noIpv6]);

/**
 * Sets what every namespace of ours needs. When it fails, all are as they were.
 *
 * @param hasIpv6 whether a network in it speaks IPv6, or is about to
 * @returns what takes it back
 */
export function setSysctls(kernel: Kernel, namespace: string, hasIpv6: boolean): Promise<() => Promise<void>> {
  return set(kernel, namespace, settingsOf(hasIpv6));
}

/**
 * The same for a namespace that was made just now: what it has is not asked for, because it is nobody's and taken back with the namespace.
 *
 * @param hasIpv6 whether a network in it speaks IPv6, or is about to
 */
export async function initSysctls(kernel: Kernel, namespace: string, hasIpv6: boolean): Promise<() => Promise<void>> {
  const settings = settingsOf(hasIpv6);
  const failures = await kernel.writeSysctls(namespace, settings);
  // A kernel without IPv6 has nothing to turn off.
  const failure = failures.find(({ index, code }) => code !== 'ENOENT' || !isOfIpv6(settings[index]?.name));
  if (failure !== undefined) throw refused(namespace, settings[failure.index], failure);
  return async () => undefined;
}

/**
 * Has links of a namespace speak IPv6, and the namespace forward it. Other links stay as they are. When it fails, all are as they were.
 *
 * @returns what takes it back
 * @throws CommandError when the kernel has no IPv6
 */
export async function enableIpv6(
  kernel: Kernel,
  namespace: string,
  links: readonly string[],
): Promise<() => Promise<void>> {
  const forwarding: Setting = { name: 'net/ipv6/conf/all/forwarding', value: '1' };
  // What the namespace sends to itself comes back by it.
  const loopback: Setting = { name: 'net/ipv6/conf/lo/disable_ipv6', value: '0' };
  if ((await read(kernel, namespace, forwarding.name)) === undefined) {
    throw new CommandError(`namespace ${namespace}: this kernel has no IPv6; expected it for link ${links.join(', ')}`);
  }
  return set(kernel, namespace, [forwarding, loopback, ...links.flatMap(linkSettings)]);
}

async function set(kernel: Kernel, namespace: string, settings: readonly Setting[]): Promise<() => Promise<void>> {
  const before = await Promise.all(
    settings.map(async (wanted) => ({ wanted, value: await read(kernel, namespace, wanted.name) })),
  );
  const changed = before.flatMap(({ wanted, value }) =>
    value === undefined || value === wanted.value ? [] : [{ wanted, original: { name: wanted.name, value } }],
  );
  if (changed.length === 0) return async () => undefined;
  const undo = () => write(kernel, namespace, changed.map(({ original }) => original).reverse());
  try {
    await write(
      kernel,
      namespace,
      changed.map(({ wanted }) => wanted),
    );
  } catch (error) {
    await undo();
    throw error;
  }
  return undo;
}

/**
 * Turns IPv6 off on links made on the host: bridges and their ports, on which the host itself is nobody. Else it has an address there that guests can
 * call, and the kernel walks through the routes of all these addresses whenever a link goes up or down: with 800 networks that was 60 % of the time a
 * new one takes. Frames of IPv6 are bridged as before.
 */
export async function withoutIpv6(kernel: Kernel, links: readonly string[]): Promise<void> {
  if (links.length === 0) return;
  const failures = await kernel.writeSysctls(
    undefined,
    links.map((link) => ({ name: `net/ipv6/conf/${link}/disable_ipv6`, value: '1' })),
  );
  // A kernel without IPv6, or another network that shared the link has just given it up.
  const failure = failures.find(({ code }) => code !== 'ENOENT');
  if (failure !== undefined)
    throw new CommandError(`link ${links[failure.index]}: IPv6 cannot be turned off: ${failure.code}`);
}

/** Undefined on a kernel without IPv6, which has no such files and nothing to turn off. */
async function read(kernel: Kernel, namespace: string, name: string): Promise<string | undefined> {
  try {
    return await kernel.readSysctl(namespace, name);
  } catch (error) {
    if (isOfIpv6(name) && (error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function write(kernel: Kernel, namespace: string, sysctls: readonly Setting[]): Promise<void> {
  const [failure] = await kernel.writeSysctls(namespace, sysctls);
  if (failure !== undefined) throw refused(namespace, sysctls[failure.index], failure);
}

function refused(namespace: string, sysctl: Setting | undefined, { code }: { readonly code: string }): CommandError {
  return new CommandError(`namespace ${namespace}: sysctl ${sysctl?.name} = ${sysctl?.value}: ${code}`);
}

function isOfIpv6(name: string | undefined): boolean {
  return name?.startsWith('net/ipv6/') === true;
}
