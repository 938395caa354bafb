/**
 * A load balancer rule as JSON: what CloudStack sends (CONTRACT §6.3), and what its state file holds, ours as well as the shell wrapper's, which
 * keeps what was sent. The values end up in lines of haproxy's configuration, so each is read for what it is.
 */

import { z } from 'zod';
import { isHostAddress } from './address.js';
import { isIdentifier } from './identifier.js';
import { type Backend, balancingAlgorithms, type LoadBalancerRule } from './load-balancer.js';
import { parsePort } from './ports.js';

/** Numbers come as such; as text they mean the same. */
const number = z.union([z.int(), z.string()]);
const flag = z.union([z.boolean(), z.stringbool()]);

const named = z.object({ id: number, revoke: flag.nullish() });

const ruleSchema = z.object({
  publicIp: z.string(),
  publicPort: number,
  privatePort: number.nullish(),
  protocol: z.string().nullish(),
  algorithm: z.string().nullish(),
  backends: z.array(z.object({ ip: z.string(), port: number.nullish(), revoked: flag.nullish() })).nullish(),
});

/** The shell wrapper's other spelling of an algorithm. */
const aliases: Readonly<Record<string, string>> = { least_conn: 'leastconn' };

/** What is wrong with a rule. */
export class LoadBalancerProblem {
  constructor(
    /** Which member; undefined when it is not even an object with an id. */
    readonly member: string | undefined,
    /** Its value, when that is a plain one. */
    readonly value: string | undefined,
    readonly expected: string,
    /** The rule's id, when that is known. */
    readonly id?: string,
  ) {}
}

/** A rule that is to go: nothing else of it counts, also not what was refused when it was to come. */
export interface RevokedRule {
  readonly id: string;
  readonly isRevoked: true;
}

/** The rule that a JSON value says. Revoked backends are left out whatever they are. */
export function readLoadBalancerRule(
  value: unknown,
  networkId: string,
): LoadBalancerRule | RevokedRule | LoadBalancerProblem {
  const head = named.safeParse(value);
  if (!head.success) return problemOf(head.error, undefined);
  const id = String(head.data.id);
  if (!isIdentifier(id)) return new LoadBalancerProblem('id', id, 'a decimal id of 1 to 20 digits');
  if (head.data.revoke === true) return { id, isRevoked: true };
  const sent = ruleSchema.safeParse(value);
  if (!sent.success) return problemOf(sent.error, id);

  const problem = (member: string, found: string | number, expected: string) =>
    new LoadBalancerProblem(member, String(found), expected, id);
  const { publicIp, backends: sentBackends } = sent.data;
  if (!isHostAddress(publicIp)) return problem('publicIp', publicIp, 'an IPv4 address');
  const publicPort = parsePort(String(sent.data.publicPort));
  if (publicPort === undefined) return problem('publicPort', sent.data.publicPort, aPort);
  const protocol = (sent.data.protocol || 'tcp').toLowerCase();
  if (protocol !== 'tcp' && protocol !== 'tcp-proxy') {
    return problem('protocol', protocol, 'tcp or tcp-proxy, haproxy balances no other');
  }
  const algorithmText = (sent.data.algorithm || 'roundrobin').toLowerCase();
  const algorithm = balancingAlgorithms.find((one) => one === (aliases[algorithmText] ?? algorithmText));
  if (algorithm === undefined) return problem('algorithm', algorithmText, balancingAlgorithms.join(', '));
  const sentPort = sent.data.privatePort ?? undefined;
  const privatePort = sentPort === undefined ? undefined : parsePort(String(sentPort));
  if (sentPort !== undefined && privatePort === undefined) return problem('privatePort', sentPort, aPort);

  const backends = new Map<string, Backend>();
  for (const { ip, port: own, revoked } of sentBackends ?? []) {
    if (revoked === true) continue;
    if (!isHostAddress(ip)) return problem('backend', ip, 'an IPv4 address');
    const found = own ?? privatePort ?? publicPort;
    const port = parsePort(String(found));
    if (port === undefined) return problem(`port of backend ${ip}`, found, aPort);
    backends.set(`${ip}:${port}`, { ip, port });
  }
  const list = [...backends.values()];
  return {
    id,
    networkId,
    publicIp,
    publicPort,
    privatePort: privatePort ?? list[0]?.port ?? publicPort,
    protocol,
    algorithm,
    backends: list,
  };
}

/** The text of a rule's state file: one line, with the members that the shell wrapper reads. */
export function formatLoadBalancerRule(rule: LoadBalancerRule): string {
  const { id, publicIp, publicPort, privatePort, protocol, algorithm, backends } = rule;
  const text = JSON.stringify({
    id,
    publicIp,
    publicPort,
    privatePort,
    protocol,
    algorithm,
    revoke: false,
    backends: backends.map(({ ip, port }) => ({ ip, port, revoked: false })),
  });
  return `${text}\n`;
}

const aPort = 'a port from 1 to 65535';

function problemOf(error: z.ZodError, id: string | undefined): LoadBalancerProblem {
  const [issue] = error.issues;
  return new LoadBalancerProblem(issue?.path.join('.') || undefined, undefined, issue?.message ?? 'another value', id);
}
