import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setupNat } from '../../../src/vpcctl/edits/nat.js';
import { peer } from '../../../src/vpcctl/edits/peering.js';
import { graphDot } from '../../../src/vpcctl/graph/dot.js';
import { type Box, layOut } from '../../../src/vpcctl/graph/layout.js';
import { graphSvg } from '../../../src/vpcctl/graph/svg.js';
import { type Topology, topologyOf } from '../../../src/vpcctl/graph/topology.js';
import { seed } from './scene.js';

const drawnVpc = fc.record({
  name: fc.stringMatching(/^[a-z0-9-]{1,32}$/),
  cidr: fc.constant('10.0.0.0/16'),
  bridge: fc.constantFrom('br-a', 'br-abcdef0123456'),
  gateway: fc.constant('10.0.0.1'),
  nat: fc.constantFrom(undefined, 'eth0', 'wlan0'),
  subnets: fc.array(
    fc.record({
      name: fc.stringMatching(/^[a-z0-9-]{1,32}$/),
      cidr: fc.constant('10.0.255.128/25'),
      type: fc.constantFrom('public' as const, 'private' as const),
      address: fc.constant('10.0.255.138'),
      link: fc.constant('veth-0123456789'),
      hasNat: fc.boolean(),
      policy: fc.constantFrom(undefined, { ingress: 12, egress: 3 }),
    }),
    { maxLength: 9 },
  ),
});
const topologies = fc.array(drawnVpc, { maxLength: 7 }).chain((vpcs) =>
  fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 6 }).map(
    (pairs): Topology => ({
      vpcs,
      peerings: pairs.filter(([one, other]) => one < other && other < vpcs.length),
    }),
  ),
);

const within = (inner: Box, outer: Box) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;
const apart = (one: Box, other: Box) =>
  one.x + one.width <= other.x ||
  other.x + other.width <= one.x ||
  one.y + one.height <= other.y ||
  other.y + other.height <= one.y;
const allApart = (boxes: readonly Box[]) =>
  boxes.every((one, index) => boxes.slice(index + 1).every((other) => apart(one, other)));

describe('the picture', () => {
  it('has everything in its place, whatever there is', () => {
    fc.assert(
      fc.property(topologies, (topology) => {
        const { width, height, vpcs, uplinks, internet, peerings } = layOut(topology);
        const page = { x: 0, y: 0, width, height };
        for (const { bridge, subnets, ...vpc } of vpcs) {
          expect(within(vpc, page)).toBe(true);
          for (const part of [bridge, ...subnets]) expect(within(part, vpc)).toBe(true);
          expect(allApart([bridge, ...subnets])).toBe(true);
        }
        expect(allApart([...vpcs, ...uplinks, ...(internet === undefined ? [] : [internet])])).toBe(true);
        for (const { line } of peerings)
          for (const [x, y] of line) expect(within({ x, y, width: 0, height: 0 }, page)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('shows bridges, subnets, gateways, NAT and peerings', () => {
    const vpcs = peer(setupNat(seed(), 'production', 'eth0'), 'production', 'staging');
    const svg = graphSvg(topologyOf(vpcs, ['production']));
    for (const words of [
      'br-production',
      '10.0.0.1',
      'NAT · eth0',
      'internet',
      'web',
      '10.0.1.10',
      'peering',
      'br-staging',
    ]) {
      expect(svg).toContain(`>${words}<`);
    }
    expect(graphSvg(topologyOf(new Map(), []))).toContain('>no VPCs<');
    const dot = graphDot(topologyOf(vpcs, ['production']));
    expect(dot).toContain('"bridge production" -- "bridge staging" [style=dashed, label="peering"];');
    expect(dot).toContain('"link eth0" -- "bridge production" [label="NAT"];');
  });
});
