import { setTimeout } from 'node:timers/promises';
import { CommandError } from '../commands/command-error.js';
import { changeLink } from '../kernel/route/link.js';
import type { Step } from './converge.js';
import type { RouteAccess } from './kernel.js';

/** Milliseconds a link stays down: long enough for who is behind it to notice. */
const downTime = 1_000;

/**
 * Takes a link on the host down and up. Its other end, in the namespace, only loses its carrier meanwhile: that end keeps its addresses and
 * routes, which the kernel drops when a link itself is taken down.
 *
 * @param perform sends steps; when the later ones fail, the earlier ones are taken back
 * @throws CommandError when there is no such link
 */
export async function bounce(
  name: string,
  host: RouteAccess,
  perform: (steps: readonly Step[]) => Promise<unknown>,
): Promise<void> {
  const link = (await host.linksNamed([name])).get(name);
  if (link === undefined) {
    throw new CommandError(`custom-action: reboot-device: there is no link ${name}; expected implement-network first`);
  }
  const change = (up: boolean): Step => ({
    where: 'host',
    operation: changeLink({ object: 'link', index: link.index, up }),
    undo: [changeLink({ object: 'link', index: link.index, up: true })],
  });
  await perform([change(false)]);
  await setTimeout(downTime);
  await perform([change(true)]);
}
