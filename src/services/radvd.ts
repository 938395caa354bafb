/** radvd of one network as a service. */

import { existsSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { routedIpv6 } from '../model/domain.js';
import { networkDirectory } from '../state/layout.js';
import { advertisedLink } from '../state/radvd-configuration.js';
import { radvdConfiguration, radvdDirectory, radvdPlaces } from '../state/radvd-places.js';
import { accountName } from '../state/service-account.js';
import { checkText } from './check-text.js';
import type { GuestProgram } from './guest-program.js';
import type { Program } from './programs.js';
import { type Particular, type Service, serviceOf } from './service.js';

const program: Program = { name: 'radvd', package: 'radvd' };

/** Tells guests which network they are in and who routes for it. It has one file, and whatever changes in it is a new start. */
export const radvd: GuestProgram = {
  name: 'radvd',
  service: radvdService,
  directory: radvdDirectory,
  isWanted(domain, networkId) {
    const network = domain.network.get(networkId);
    if (network?.active !== true || !domain.present) return false;
    return network.link !== undefined && routedIpv6(network) !== undefined;
  },
  demands(configuration) {
    const link = advertisedLink(configuration);
    return { isRunning: link !== undefined, link };
  },
  async check(root, networkId, edited) {
    const text = edited(radvdConfiguration(networkId));
    if (text === undefined) return;
    const parameters = (path: string) => ['--configtest', '--logmethod', 'stderr', '--config', path];
    // A network that is about to be made has no directory yet.
    const directory = `${root}/${networkDirectory(networkId)}`;
    await checkText(program, existsSync(directory) ? directory : root, text, parameters);
  },
  async prepare(root, networkId) {
    const { log, pid } = radvdPlaces(root, networkId);
    await mkdir(dirname(log), { recursive: true, mode: 0o755 });
    // Its helper process lives on for a moment after it was killed, and keeps the file locked.
    rmSync(pid, { force: true });
  },
  async refresh() {
    return 'nothing';
  },
  correction: () => undefined,
};

function radvdService(root: string, networkId: string, namespace: string): Service {
  const places = radvdPlaces(root, networkId);
  const particular: Particular = {
    program,
    // What guests send it reads as nobody of importance; a helper process, which guests do not reach, stays root.
    parameters: [
      ...['--username', accountName('radvd')],
      ...['--logmethod', 'logfile', '--logfile', places.log],
      ...['--pidfile', places.pid, '--config', places.configuration],
    ],
    takeOver: undefined,
    ownArgument: places.configuration,
    startText: (text) => text,
  };
  return serviceOf(particular, { root, networkId, namespace }, places);
}
