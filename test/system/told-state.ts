import { filesOf, PackIndex } from '../../src/state/guest-pack.js';
import type { TestHost } from '../host/host.js';

/** The state files of a host, and in the place of each pack the files of guests that have no directory. */
export async function toldState(host: TestHost): Promise<Record<string, string>> {
  const state = await host.state();
  for (const path of Object.keys(state).filter((name) => name.endsWith('/metadata.pack'))) {
    const bytes = Buffer.from(await host.self.output('base64', '-w0', `${host.stateDirectory}/${path}`), 'base64');
    const read = (position: number, length: number) => bytes.subarray(position, position + length);
    const index = PackIndex.read(read, bytes.length);
    const metadata = path.replace(/\.pack$/, '');
    delete state[path];
    for (const guestIp of index.addresses) {
      const guest = index.guest(guestIp, read);
      if (guest === undefined || Object.keys(state).some((name) => name.startsWith(`${metadata}/${guestIp}/`)))
        continue;
      for (const file of filesOf(guest, guestIp)) {
        state[`${metadata}/${guestIp}/latest/${file.path}`] = Buffer.from(file.content).toString();
      }
    }
  }
  return state;
}
