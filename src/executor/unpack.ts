import { StateDirectory } from '../state/state-directory.js';
import { unpackAll } from '../state/unpack.js';
import { thisKernel } from './kernel.js';

/** See {@link unpackAll}; between the commands of a daemon that runs. @param root a state root */
export async function unpack(root: string): Promise<number> {
  const state = new StateDirectory({ root, tryLock: thisKernel.tryLock, files: thisKernel });
  try {
    return await unpackAll(state);
  } finally {
    await state.close();
  }
}
