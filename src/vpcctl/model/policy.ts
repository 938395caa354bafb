/** The security group of a subnet: what may come in, and what may go out. */

import { z } from 'zod';
import { Acl, type AclRule } from '../../model/acl.js';
import { parseCidr } from '../../model/address.js';
import { parsePortRange } from '../../model/ports.js';
import { hasPorts, networksOf, parseProtocol, type Traffic } from '../../model/traffic.js';

const anyWords = ['any', 'all', '*'];

const isPort = (value: string | number): boolean =>
  anyWords.includes(String(value)) || parsePortRange(String(value)) !== undefined;

const port = z
  .union([z.number(), z.string()], 'expected a port 1–65535, a range such as 8000-8080, or any')
  .refine(isPort, 'expected a port 1–65535, a range such as 8000-8080, or any');
const protocol = z
  .union([z.string(), z.int()], 'expected tcp, udp, icmp, any or a protocol number')
  .refine((value) => parseProtocol(String(value)) !== undefined, 'expected tcp, udp, icmp, any or a protocol number');
/** An address is a network of one. */
const networkOrAddress = (text: string) => parseCidr(text.includes('/') ? text : `${text}/32`);

const network = z
  .string('expected an IPv4 network such as 10.0.0.0/16, or any')
  .refine(
    (text) => anyWords.includes(text) || networkOrAddress(text) !== undefined,
    'expected an IPv4 network such as 10.0.0.0/16, or any',
  );
const action = z.enum(['allow', 'deny'], 'expected allow or deny');

export const ingressRuleSchema = z.looseObject({
  port,
  protocol,
  source: network.optional(),
  action,
  description: z.string().optional(),
});
export const egressRuleSchema = z.looseObject({
  destination: network.optional(),
  action,
  port: port.optional(),
  protocol: protocol.optional(),
  description: z.string().optional(),
});

/** What of a policy is kept with a subnet. */
export const policySchema = z.looseObject({
  ingress: z.array(ingressRuleSchema).optional(),
  egress: z.array(egressRuleSchema).optional(),
});
export type Policy = z.infer<typeof policySchema>;

/** A policy file: the lists, and which subnet they are for. */
export const policyFileSchema = z.looseObject({
  version: z.union([z.string(), z.number()]).optional(),
  /** Its name or its network. */
  subnet: z.string().optional(),
  namespace: z.string().optional(),
  ingress: z.array(ingressRuleSchema).optional(),
  egress: z.array(egressRuleSchema).optional(),
});
export type PolicyFile = z.infer<typeof policyFileSchema>;

const tcpAndUdp = [6, 17];

/** What a rule is about. A port without a protocol is one of TCP and of UDP; a protocol without ports has none to compare. */
function trafficOf(rule: { protocol?: string | number | undefined; port?: string | number | undefined }): Traffic[] {
  const protocol_ = parseProtocol(String(rule.protocol ?? 'all')) ?? 'all';
  const ports = parsePortRange(String(rule.port ?? 'any'));
  if (ports === undefined || (protocol_ !== 'all' && !hasPorts(protocol_))) return [{ protocol: protocol_ }];
  return (protocol_ === 'all' ? tcpAndUdp : [protocol_]).map((number) => ({ protocol: number, ports }));
}

/** Both lists in their order, as the rule compiler takes them. */
export function aclOf({ ingress = [], egress = [] }: Policy): Acl {
  const rule = (
    number: number,
    direction: AclRule['direction'],
    action_: AclRule['action'],
    traffic: Traffic,
    remote = 'any',
  ): AclRule => ({
    number,
    direction,
    action: action_,
    traffic,
    remotes: anyWords.includes(remote) ? 'any' : (networksOf([remote]) ?? { ipv4: [], ipv6: [] }),
  });
  return new Acl([
    ...ingress.flatMap((one, index) =>
      trafficOf(one).map((traffic) => rule(index, 'ingress', one.action, traffic, one.source)),
    ),
    ...egress.flatMap((one, index) =>
      trafficOf(one).map((traffic) => rule(index, 'egress', one.action, traffic, one.destination)),
    ),
  ]);
}
