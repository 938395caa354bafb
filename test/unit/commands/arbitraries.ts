import fc from 'fast-check';
import type { Command, NetworkTarget } from '../../../src/contract/command.js';
import { Domain } from '../../../src/model/domain.js';
import type { Cidr, PortRange } from '../../../src/model/values.js';
import { aclOf, anySentAcl, anySentFirewall, firewallOf } from '../model/sent-rules.js';
import {
  addStaticNat,
  applyAcl,
  applyBalancing,
  applyFirewall,
  assign,
  balance,
  deleteStaticNat,
  destroy,
  destroyVpc,
  implement,
  implementVpc,
  ipv6Side,
  release,
  saveUserData,
  shutdown,
  shutdownVpc,
  target,
  tierTarget,
  updateVpcSource,
  vpcCidr,
} from './builders.js';

/** A domain and commands for it. Ids, addresses and ports come from small pools, so that they meet. */
export interface History {
  readonly domain: Domain;
  readonly commands: readonly Command[];
}

const publicIps = ['203.0.113.10', '203.0.113.11', '203.0.113.12', '3.0.113.10'] as const;
const publicIp = fc.constantFrom(...publicIps);
const publicVlan = fc.constantFrom(200, 201, 'untagged' as const);
const guestLast = fc.constantFrom(10, 11, 12);
const firstPort = fc.integer({ min: 1, max: 12 });
const protocol = fc.constantFrom('tcp' as const, 'udp' as const);
const ruleId = fc.constantFrom('7', '8', '9', '10');

/** Single ports, ranges, and ranges whose private ports are others. */
const forwardPorts = fc
  .tuple(firstPort, fc.constantFrom(1, 1, 2, 4), fc.constantFrom(0, 0, 5))
  .map(([first, count, shift]): { readonly from: PortRange; readonly to: PortRange } => ({
    from: { first, last: first + count - 1 },
    to: { first: first + shift, last: first + shift + count - 1 },
  }));

/** One network as commands name it: which VLANs and CIDRs it may have. */
interface Place {
  readonly target: NetworkTarget;
  readonly prefix: string;
  readonly vlans: readonly (number | 'untagged' | undefined)[];
}

function commandFor({ target: where, prefix, vlans }: Place): fc.Arbitrary<Command> {
  const number = prefix.split('.').at(-1);
  const privateIp = guestLast.map((last) => `${prefix}.${last}`);
  const anyImplement = fc
    .record({
      vlan: fc.constantFrom(...vlans),
      last: fc.constantFrom(1, 1, 1, 2),
      gateway: fc.constantFrom(1, 1, 2),
      ipv6: fc.constantFrom(undefined, undefined, ipv6Side(`2001:db8:c${number}`), ipv6Side(`2001:db8:d${number}`)),
      cidr: fc.constantFrom<Cidr>(
        { address: `${prefix}.0`, prefix: 24 },
        { address: `${prefix}.0`, prefix: 24 },
        { address: `${prefix}.7`, prefix: 25 },
      ),
    })
    .map(({ vlan, last, gateway, cidr, ipv6 }) =>
      implement({
        target: { ...where, vlan },
        gateway: `${prefix}.${gateway}`,
        extensionIp: `${prefix}.${last}`,
        cidr,
        ipv6,
      }),
    );
  const anyAssign = fc
    .record({
      publicIp,
      publicVlan: fc.option(publicVlan, { nil: undefined, freq: 6 }),
      publicPrefix: fc.constantFrom(24, 24, 28, 32),
      publicGateway: fc.constantFrom('203.0.113.1', '203.0.113.254', undefined),
      sourceNat: fc.boolean(),
    })
    .map(({ publicIp: ip, ...given }) => assign(ip, { target: where, ...given }));
  const nats = fc.record({ publicIp, privateIp, publicVlan: fc.option(publicVlan, { nil: undefined }) });
  const anyForward = fc.record({ publicIp, privateIp, protocol, ports: forwardPorts });
  const anyBalancing = fc
    .record({
      rules: fc.uniqueArray(
        fc.record({
          id: ruleId,
          publicIp,
          publicPort: fc.constantFrom(2, 80, 81),
          privatePort: fc.constantFrom(22, 443, 8080),
          protocol: fc.constantFrom('tcp' as const, 'tcp-proxy' as const),
          algorithm: fc.constantFrom('roundrobin' as const, 'source' as const),
          backends: fc.uniqueArray(privateIp, { maxLength: 3 }),
        }),
        { maxLength: 2, selector: ({ id }) => id },
      ),
      revoked: fc.uniqueArray(ruleId, { maxLength: 2 }),
    })
    .map(({ rules, revoked }) =>
      applyBalancing(
        rules.map(({ publicIp: ip, backends, ...rule }) =>
          balance(ip, {
            ...rule,
            networkId: where.networkId,
            backends: backends.map((one) => ({ ip: one, port: rule.privatePort })),
          }),
        ),
        revoked.filter((id) => !rules.some((rule) => rule.id === id)),
        where,
      ),
    );
  const anyFirewall = anySentFirewall(publicIps, [`${prefix}.0/24`, `${prefix}.10/32`, `${prefix}.8/29`]);
  return fc.oneof(
    { weight: 3, arbitrary: anyImplement },
    { weight: 4, arbitrary: anyAssign },
    { weight: 5, arbitrary: anyBalancing },
    { weight: 4, arbitrary: anyFirewall.map((sent) => applyFirewall(firewallOf(sent), where)) },
    { weight: where.vpcId === undefined ? 0 : 4, arbitrary: anySentAcl.map((sent) => applyAcl(aclOf(sent), where)) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(10, 11).map((last) => saveUserData(`${prefix}.${last}`, { target: where })),
    },
    { weight: 1, arbitrary: fc.constant(shutdown(where)) },
    { weight: 1, arbitrary: fc.constant(destroy({ ...where, vlan: undefined })) },
    { weight: 2, arbitrary: publicIp.map((ip) => release(ip, where)) },
    {
      weight: 4,
      arbitrary: nats.map((given) => addStaticNat(given.publicIp, given.privateIp, { ...given, target: where })),
    },
    { weight: 2, arbitrary: publicIp.map((ip) => deleteStaticNat(ip, where)) },
    {
      weight: 5,
      arbitrary: anyForward.map(
        ({ ports, ...given }): Command => ({
          name: 'add-port-forward',
          target: where,
          publicVlan: 200,
          publicPorts: ports.from,
          privatePorts: ports.to,
          ...given,
        }),
      ),
    },
    {
      weight: 3,
      arbitrary: anyForward.map(
        ({ ports, publicIp: ip, protocol: name }): Command => ({
          name: 'delete-port-forward',
          target: where,
          publicIp: ip,
          protocol: name,
          publicPorts: ports.from,
        }),
      ),
    },
  );
}

const isolatedPlace: Place = { target: target(), prefix: '10.1.1', vlans: [100, 100, 100, 101, undefined, 'untagged'] };
const tierPlaces = [1, 2, 3].map(
  (number): Place => ({ target: tierTarget(number), prefix: `10.9.${number}`, vlans: [99 + number, 99 + number, 110] }),
);

/** Begins with what makes most commands meaningful: a network that is there. */
const isolated: fc.Arbitrary<History> = fc
  .array(commandFor(isolatedPlace), { minLength: 1, maxLength: 24 })
  .map((commands) => ({
    domain: new Domain({ kind: 'network', id: '42' }, 'cs-net-42'),
    commands: [implement(), ...commands],
  }));

const vpcSource = fc.record({
  publicVlan: fc.option(publicVlan, { nil: undefined, freq: 6 }),
  publicPrefix: fc.constantFrom(24, 24, 28, 32),
  publicGateway: fc.constantFrom('203.0.113.1', '203.0.113.254', undefined),
});

/** Commands about VPC 9 as a whole. */
const vpcCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.option(publicIp, { nil: undefined }), vpcSource)
      .map(([ip, source]) => implementVpc(ip, source)),
  },
  { weight: 1, arbitrary: fc.constant({ ...implementVpc(), cidr: undefined }) },
  { weight: 3, arbitrary: fc.tuple(publicIp, vpcSource).map(([ip, source]) => updateVpcSource(ip, source)) },
  { weight: 1, arbitrary: fc.constant(shutdownVpc()) },
  { weight: 1, arbitrary: fc.constant(destroyVpc()) },
);

/** With and without implement-vpc at the beginning: the shell wrapper has VPCs of which only tiers are known. */
const vpc: fc.Arbitrary<History> = fc
  .tuple(
    fc.constantFrom<readonly Command[]>(
      [],
      [implementVpc()],
      [implementVpc('203.0.113.10')],
      [implementVpc('203.0.113.10', { cidr: vpcCidr, publicVlan: 201 })],
    ),
    fc.array(
      fc.oneof(...tierPlaces.map((place) => ({ weight: 3, arbitrary: commandFor(place) })), {
        weight: 1,
        arbitrary: vpcCommand,
      }),
      { minLength: 2, maxLength: 30 },
    ),
  )
  .map(([before, commands]) => {
    const first = implement({
      target: tierTarget(1),
      gateway: '10.9.1.1',
      extensionIp: '10.9.1.1',
      cidr: { address: '10.9.1.0', prefix: 24 },
    });
    const domain = new Domain({ kind: 'vpc', id: '9' }, 'cs-vpc-9');
    return { domain, commands: [...before, first, ...commands] };
  });

export const anyHistory: fc.Arbitrary<History> = fc.oneof(isolated, vpc);
