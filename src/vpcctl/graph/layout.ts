/** Where everything of a topology is drawn, in pixels. */

import type { DrawnSubnet, DrawnVpc, Topology } from './topology.js';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedSubnet extends Box {
  readonly subnet: DrawnSubnet;
}

export interface PlacedVpc extends Box {
  readonly vpc: DrawnVpc;
  readonly bridge: Box;
  readonly subnets: readonly PlacedSubnet[];
}

/** A line with right angles, corner by corner. */
export type Line = readonly (readonly [x: number, y: number])[];

export interface PlacedPeering {
  readonly line: Line;
  readonly label: readonly [x: number, y: number];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly vpcs: readonly PlacedVpc[];
  readonly peerings: readonly PlacedPeering[];
  readonly internet: Box | undefined;
  /** The links that NAT leads out of. */
  readonly uplinks: readonly (Box & { readonly name: string })[];
  /** From the internet to an uplink, and from there to the edge of a VPC. */
  readonly ways: readonly Line[];
}

const margin = 28;
const padding = 18;
const mostColumns = 4;
const mostVpcsInRow = 3;
const title = 46;
const bridgeHeight = 44;
const card = { height: 92, policyHeight: 16, gapX: 34, gapY: 16, leastWidth: 148 } as const;
const vpcGap = 44;
/** Between the lanes that peerings run in below a row. */
const lane = 24;
const pill = { height: 34, gap: 22 } as const;
/** Width of a character, about. */
const character = 7.3;

const textWidth = (...texts: readonly string[]): number => Math.max(...texts.map((text) => text.length * character));

/** Where the way out meets a bridge. */
export function natEntry(bridge: Box): number {
  return bridge.x + bridge.width - 40;
}

export function layOut({ vpcs, peerings }: Topology): Layout {
  const names = [...new Set(vpcs.flatMap(({ nat }) => nat ?? []))];
  const top = names.length === 0 ? margin : margin + 2 * pill.height + 2 * pill.gap + 8;
  const placed: PlacedVpc[] = [];
  const rowOf: number[] = [];
  const rowBottoms: number[] = [];
  let y = top;
  let width = 0;
  for (let start = 0; start < vpcs.length; start += mostVpcsInRow) {
    const row = start / mostVpcsInRow;
    let x = margin;
    let bottom = y;
    for (const vpc of vpcs.slice(start, start + mostVpcsInRow)) {
      const box = placeVpc(vpc, x, y);
      placed.push(box);
      rowOf.push(row);
      x = box.x + box.width + vpcGap;
      bottom = Math.max(bottom, box.y + box.height);
    }
    width = Math.max(width, x - vpcGap + margin);
    rowBottoms.push(bottom);
    const lanes = peerings.filter((pair) => Math.min(...pair.map((index) => rowOf[index] ?? row + 1)) === row).length;
    y = bottom + Math.max(lanes * lane + 30, vpcGap);
  }
  const used = new Map<number, number>();
  const lines = peerings.flatMap(([one, other], index): PlacedPeering[] => {
    const [from, to] = [placed[one], placed[other]];
    const row = rowOf[one] ?? 0;
    if (from === undefined || to === undefined) return [];
    const count = (used.get(row) ?? 0) + 1;
    used.set(row, count);
    const middle = (rowBottoms[row] ?? 0) + 4 + count * lane;
    // Beside each other, so that lines of several peerings can be told apart.
    const shift = ((index % 5) - 2) * 16;
    const [startX, endX] = [from.x + from.width / 2 + shift, to.x + to.width / 2 + shift];
    const end = rowOf[other] === row ? to.y + to.height : to.y;
    return [
      {
        line: [
          [startX, from.y + from.height],
          [startX, middle],
          [endX, middle],
          [endX, end],
        ],
        label: [(startX + endX) / 2, middle],
      },
    ];
  });
  const height = y + (vpcs.length === 0 ? margin : 0) - (peerings.length === 0 ? vpcGap - margin : 6);
  const leastWidth = Math.max(width, 320);
  return { width: leastWidth, height, vpcs: placed, peerings: lines, ...placeUplinks(names, placed, leastWidth) };
}

function placeVpc(vpc: DrawnVpc, x: number, y: number): PlacedVpc {
  const columns = Math.max(1, Math.min(mostColumns, vpc.subnets.length));
  const cardWidth = Math.max(
    card.leastWidth,
    ...vpc.subnets.map((subnet) => textWidth(subnet.name, subnet.cidr, subnet.address) + 70),
  );
  const inner = Math.max(
    columns * (cardWidth + card.gapX),
    textWidth(`${vpc.bridge}${vpc.gateway}`) + 60,
    // The title is larger, and NAT leads in beside it.
    1.6 * textWidth(vpc.name) + textWidth(vpc.cidr) + 90,
  );
  const rows = Math.ceil(vpc.subnets.length / columns);
  const bridge = { x: x + padding, y: y + title + 8, width: inner, height: bridgeHeight };
  const first = bridge.y + bridgeHeight + 26;
  const height = card.height + (vpc.subnets.some(({ policy }) => policy !== undefined) ? card.policyHeight : 0);
  const subnets = vpc.subnets.map((subnet, index) => ({
    subnet,
    x: bridge.x + card.gapX + (index % columns) * (cardWidth + card.gapX),
    y: first + Math.floor(index / columns) * (height + card.gapY),
    width: cardWidth,
    height,
  }));
  const last = rows === 0 ? bridge.y + bridgeHeight : first + rows * (height + card.gapY) - card.gapY;
  return { vpc, x, y, width: inner + 2 * padding, height: last + padding - y, bridge, subnets };
}

function placeUplinks(
  names: readonly string[],
  placed: readonly PlacedVpc[],
  width: number,
): Pick<Layout, 'internet' | 'uplinks' | 'ways'> {
  if (names.length === 0) return { internet: undefined, uplinks: [], ways: [] };
  const pillWidth = Math.max(120, textWidth(...names) + 60);
  const step = pillWidth + 30;
  const left = width / 2 - (names.length * step - 30) / 2;
  const internet = { x: width / 2 - 70, y: margin, width: 140, height: pill.height };
  const uplinks = names.map((name, index) => ({
    name,
    x: left + index * step,
    y: margin + pill.height + pill.gap,
    width: pillWidth,
    height: pill.height,
  }));
  const ways = uplinks.map((uplink): Line => {
    const x = uplink.x + uplink.width / 2;
    const middle = internet.y + pill.height + pill.gap / 2;
    return [
      [width / 2, internet.y + pill.height],
      [width / 2, middle],
      [x, middle],
      [x, uplink.y],
    ];
  });
  for (const { vpc, bridge, y } of placed) {
    const uplink = uplinks.find(({ name }) => name === vpc.nat);
    if (uplink === undefined) continue;
    const [start, end] = [uplink.x + uplink.width / 2, natEntry(bridge)];
    const middle = uplink.y + pill.height + 8 + 5 * uplinks.indexOf(uplink);
    ways.push([
      [start, uplink.y + pill.height],
      [start, middle],
      [end, middle],
      [end, y],
    ]);
  }
  return { internet, uplinks, ways };
}
