/** `haproxy.cfg` of one network, and what in it a running haproxy can be told without a new start. */

import type { LoadBalancerRule } from '../model/load-balancer.js';
import type { HaproxyPlaces } from './haproxy-places.js';
import type { Account } from './service-account.js';

/** How a line that names a backend begins. */
const serverIndent = '    server ';
const backendPrefix = 'backend ';

/**
 * The text of `haproxy.cfg`. All values are numbers, addresses and words of ours.
 *
 * - It gives up root as soon as it listens: it reads no file afterwards.
 * - One thread: TCP needs no more, and a host has hundreds of them beside its guests.
 * - `hard-stop-after` ends what still serves old connections long after another process has taken over.
 * - A guest's name among the servers is its address and port, so that it keeps its name when others come and go.
 * - `hash-type consistent` keeps clients with their guest when another one comes or goes, and lets guests come and go without a new start.
 * - A client whose guest does not take the connection is led to another one: until a guest is known to be gone, checks take seconds.
 * - Only what happens to guests is logged (`notice`), no connections; as the shell wrapper has it, to syslog.
 */
export function formatHaproxyConfiguration(
  rules: readonly LoadBalancerRule[],
  { pid, socket }: HaproxyPlaces,
  account: Account,
): string {
  return [
    '# Written by cloudstack-netns; changes are lost.',
    'global',
    '    daemon',
    '    nbthread 1',
    '    maxconn 4096',
    `    uid ${account.uid}`,
    `    gid ${account.gid}`,
    '    log /dev/log local0 notice',
    `    pidfile ${pid}`,
    `    stats socket ${socket} mode 600 level admin expose-fd listeners`,
    '    hard-stop-after 24h',
    '',
    'defaults',
    '    mode tcp',
    '    log global',
    '    retries 3',
    '    option redispatch 1',
    '    timeout connect 5s',
    '    timeout client 50s',
    '    timeout server 50s',
    ...rules.flatMap(ruleLines),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function ruleLines({ id, publicIp, publicPort, algorithm, protocol, backends }: LoadBalancerRule): string[] {
  // A server that is added while haproxy runs takes nothing from `default-server`, so all is said of each; but there it is seen, with no
  // server as well, that another protocol needs a new start.
  const options = protocol === 'tcp-proxy' ? 'check send-proxy check-send-proxy' : 'check';
  return [
    '',
    `frontend cs_lb_${id}_front`,
    `    bind ${publicIp}:${publicPort}`,
    `    default_backend cs_lb_${id}_back`,
    '',
    `${backendPrefix}cs_lb_${id}_back`,
    `    balance ${algorithm}`,
    ...(algorithm === 'source' ? ['    hash-type consistent'] : []),
    `    default-server ${options}`,
    ...backends.map(({ ip, port }) => `${serverIndent}${ip}:${port} ${ip}:${port} ${options}`),
  ];
}

/** A configuration without its servers: what of it needs a new start. */
export function withoutServers(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith(serverIndent))
    .join('\n');
}

/** The servers of each backend by name, with what follows the name in the line. */
export function serversIn(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const backends = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith(backendPrefix)) {
      current = new Map();
      backends.set(line.slice(backendPrefix.length).trim(), current);
    } else if (line.startsWith(serverIndent)) {
      const [name = '', ...rest] = line.slice(serverIndent.length).split(' ');
      current?.set(name, rest.join(' '));
    }
  }
  return backends;
}

/** Whether a configuration has something to serve. */
export function hasFrontends(text: string): boolean {
  return /^frontend /m.test(text);
}
