import { CommandError } from '../commands/command-error.js';
import type { Kernel } from './kernel.js';

/** Sysctls of every namespace of ours. An address must not take others of its range with it when it goes (promote_secondaries). */
const namespaceSysctls = [
  { name: 'net/ipv4/ip_forward', value: '1' },
  { name: 'net/ipv4/conf/all/promote_secondaries', value: '1' },
  { name: 'net/ipv6/conf/all/disable_ipv6', value: '1' },
  { name: 'net/ipv6/conf/default/disable_ipv6', value: '1' },
] as const;

/**
 * Sets what every namespace of ours needs. When it fails, all are as they were.
 *
 * @returns what takes it back
 */
export async function setSysctls(kernel: Kernel, namespace: string): Promise<() => Promise<void>> {
  const before = await Promise.all(
    namespaceSysctls.map(async (wanted) => ({ wanted, value: await read(kernel, namespace, wanted.name) })),
  );
  const changed = before.flatMap(({ wanted, value }) =>
    value === undefined || value === wanted.value ? [] : [{ wanted, original: { name: wanted.name, value } }],
  );
  if (changed.length === 0) return async () => undefined;
  const undo = () =>
    write(
      kernel,
      namespace,
      changed.map(({ original }) => original),
    );
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

/** Undefined on a kernel without IPv6, which has no such files and nothing to turn off. */
async function read(kernel: Kernel, namespace: string, name: string): Promise<string | undefined> {
  try {
    return await kernel.readSysctl(namespace, name);
  } catch (error) {
    if (name.startsWith('net/ipv6/') && (error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function write(
  kernel: Kernel,
  namespace: string,
  sysctls: readonly { readonly name: string; readonly value: string }[],
): Promise<void> {
  const [failure] = await kernel.writeSysctls(namespace, sysctls);
  if (failure === undefined) return;
  const sysctl = sysctls[failure.index];
  throw new CommandError(`namespace ${namespace}: sysctl ${sysctl?.name} = ${sysctl?.value}: ${failure.code}`);
}
