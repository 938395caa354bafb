import { join } from 'node:path';
import type { Endpoint } from '../../host/endpoint.js';
import type { Machine } from '../../host/machine.js';
import { patience } from '../../host/patience.js';
import { projectRoot } from '../../host/project-root.js';

/** One rule as CloudStack sends it (CONTRACT.md §6.3). */
export interface SentBalancerRule {
  readonly id: number;
  readonly name?: string;
  readonly publicIp: string;
  readonly publicPort: number;
  readonly privatePort: number;
  readonly protocol: string;
  readonly algorithm: string;
  readonly revoke: boolean;
  readonly backends: readonly { readonly ip: string; readonly port: number; readonly revoked: boolean }[];
}

/** A rule that leads port 80 to port 8080 of some guests, by turns. */
export function balancer(
  id: number,
  publicIp: string,
  guests: readonly string[],
  changed: Partial<SentBalancerRule> = {},
): SentBalancerRule {
  const privatePort = changed.privatePort ?? 8080;
  return {
    id,
    name: `rule ${id}`,
    publicIp,
    publicPort: 80,
    privatePort,
    protocol: 'tcp',
    algorithm: 'roundrobin',
    revoke: false,
    backends: guests.map((ip) => ({ ip, port: privatePort, revoked: false })),
    ...changed,
  };
}

export const revoked = (rule: SentBalancerRule): SentBalancerRule => ({ ...rule, revoke: true });

const program = join(projectRoot, 'test/system/balancing/web.py');
const python = ['python3', '-I', '-S', program];

/** A web server on a guest that answers each request with the guest's address and a line end; it ends with the test host. */
export async function startWebServer(guest: Endpoint, port = 8080): Promise<void> {
  guest.run([...python, 'serve', guest.address, String(port)], { deadline: patience(600_000) }).catch(() => undefined);
  const listens = async () => (await guest.tcp(guest.address, port)).result !== 'refused';
  if (!(await guest.eventually(listens, patience(5_000)))) throw new Error(`${guest.name}: no web server`);
}

/** What many requests came to, each on a connection of its own. */
export interface LoadReport {
  readonly requests: number;
  /** Reasons, with how often; empty when all went well. */
  readonly failures: Readonly<Record<string, number>>;
  /** How many each guest answered, by its address. */
  readonly answers: Readonly<Record<string, number>>;
}

/**
 * Asks at least `requests` times, over several connections at a time.
 *
 * @param to `203.0.113.10:80`
 * @param from source address
 * @param end path of a file: until it is there, it goes on asking
 */
export async function load(
  client: Machine,
  to: string,
  requests: number,
  from: string,
  end?: string,
): Promise<LoadReport> {
  const argv = [...python, 'load', to, String(requests), from, ...(end === undefined ? [] : [end])];
  const { exit, stdout, stderr } = await client.run(argv, { deadline: patience(300_000) });
  if (exit !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as LoadReport;
}
