/** haproxy of one network as a service. */

import { existsSync } from 'node:fs';
import { hasFrontends, serversIn, withoutServers } from '../state/haproxy-configuration.js';
import { haproxyConfiguration, haproxyDirectory, haproxyPlaces } from '../state/haproxy-places.js';
import { networkDirectory } from '../state/layout.js';
import { checkText } from './check-text.js';
import type { GuestProgram } from './guest-program.js';
import { updateServers } from './haproxy-servers.js';
import type { Program } from './programs.js';
import { configurationOf, type Particular, type Service, serviceOf } from './service.js';

const program: Program = { name: 'haproxy', package: 'haproxy' };

/** Guests that come and go are told to the running process; all else needs a new one, which takes over its listening sockets. */
export const haproxy: GuestProgram = {
  name: 'haproxy',
  service: haproxyService,
  directory: haproxyDirectory,
  isWanted(domain, networkId) {
    if (domain.network.get(networkId)?.active !== true || !domain.present) return false;
    for (const rule of domain.loadBalancer.values()) if (rule.networkId === networkId) return true;
    return false;
  },
  demands(configuration) {
    return { isRunning: hasFrontends(configuration), link: undefined };
  },
  async check(root, networkId, edited) {
    const text = edited(haproxyConfiguration(networkId));
    // The lines of guests are the same words each time, and haproxy looks at them when it is told.
    if (
      text === undefined ||
      withoutServers(text) === withoutServers(configurationOf(haproxyService(root, networkId, '')))
    )
      return;
    const parameters = (path: string) => ['-c', '-f', path];
    await checkText(program, `${root}/${networkDirectory(networkId)}`, text, parameters);
  },
  async prepare() {},
  async refresh(root, networkId) {
    const { socket, configuration } = haproxyPlaces(root, networkId);
    const servers = serversIn(configurationOf({ configurationFile: configuration }));
    return (await updateServers(socket, servers)) ? 'nothing' : 'start';
  },
  correction: () => undefined,
};

function haproxyService(root: string, networkId: string, namespace: string): Service {
  const places = haproxyPlaces(root, networkId);
  const particular: Particular = {
    program,
    parameters: ['-f', places.configuration],
    // One that the shell wrapper has started hands no sockets on: both listen for a moment.
    takeOver: ({ pid, configuration }) => [
      ...(configuration !== undefined && existsSync(places.socket) ? ['-x', places.socket] : []),
      ...['-sf', String(pid)],
    ],
    ownArgument: places.configuration,
    startText: withoutServers,
  };
  return serviceOf(particular, { root, networkId, namespace }, places);
}
