/** What is on this host of one network or VPC, read without the daemon and without changing anything. */

import { existsSync } from 'node:fs';
import type { DomainId } from '../model/domain.js';
import { networkNamespace, vpcNamespace } from '../model/names.js';
import { stateRoot } from '../state/layout.js';
import { StateDirectory } from '../state/state-directory.js';
import { describe } from './describe.js';
import { Domains } from './domains.js';
import { GuestPrograms } from './guest-programs.js';
import { thisKernel } from './kernel.js';

/**
 * @param extension whose state directory knows it
 * @returns the text of dump-config
 * @throws Error when there is neither state nor a namespace of it
 */
export async function show(extension: string, id: DomainId): Promise<string> {
  const kernel = thisKernel;
  const root = stateRoot(extension);
  const state = new StateDirectory({ root, tryLock: kernel.tryLock, files: kernel });
  const files = await state.readDomainFiles(id);
  const namespace = files.namespace ?? (id.kind === 'vpc' ? vpcNamespace(id.id) : networkNamespace(id.id));
  if (!files.exists && !kernel.isNamespace(namespace)) {
    const place = existsSync(root) ? root : `${root}, which does not exist; --name says which extension`;
    throw new Error(`there is no namespace ${namespace} and no state of ${id.kind} ${id.id} in ${place}`);
  }
  const host = await kernel.openRoute();
  const report = (line: string) => void process.stderr.write(`cloudstack-netns: ${line}\n`);
  const services = new GuestPrograms({ kernel, exclusively: async () => undefined, report });
  const domains = new Domains({ kernel, host, services, filteredEnd: async () => false, report });
  try {
    const place = await domains.look(state, id, namespace);
    try {
      return await describe(place);
    } finally {
      await place.session?.close();
    }
  } finally {
    await domains.close();
    await host.close();
  }
}
