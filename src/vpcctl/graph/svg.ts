/** A topology as a picture. */

import {
  type Box,
  type Line,
  layOut,
  natEntry,
  type PlacedPeering,
  type PlacedSubnet,
  type PlacedVpc,
} from './layout.js';
import type { Topology } from './topology.js';

const style = `
  .ground { fill: #ffffff; }
  text { font: 13px "DejaVu Sans", "Segoe UI", Helvetica, Arial, sans-serif; fill: #25313c; }
  .address { font: 12px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #52616e; }
  .title { font-size: 17px; font-weight: 600; }
  .small { font-size: 11px; fill: #52616e; }
  .vpc { fill: #f4f7fa; stroke: #b9c8d4; stroke-width: 1.2; }
  .bridge { fill: #2f5d80; }
  .bridge-text { fill: #ffffff; font-weight: 600; }
  .bridge-address { font: 12px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d5e3ee; }
  .public { fill: #ffffff; stroke: #3f9a57; stroke-width: 1.4; }
  .private { fill: #ffffff; stroke: #c58a2a; stroke-width: 1.4; }
  .public-mark { fill: #3f9a57; }
  .private-mark { fill: #c58a2a; }
  .mark { font-size: 10.5px; font-weight: 600; fill: #ffffff; }
  .wire { fill: none; stroke: #2f5d80; stroke-width: 2; }
  .way { fill: none; stroke: #3f9a57; stroke-width: 2; }
  .peering { fill: none; stroke: #8457b0; stroke-width: 2; stroke-dasharray: 7 5; }
  .peering-text { font-size: 11px; fill: #8457b0; }
  .pill { fill: #e6f3e9; stroke: #3f9a57; stroke-width: 1.4; }
`;

/** Text in XML. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const number = (value: number): string => String(Math.round(value * 10) / 10);

const rectangle = (name: string, { x, y, width, height }: Box, radius: number): string =>
  `<rect class="${name}" x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="${radius}"/>`;

const text = (name: string, x: number, y: number, content: string, anchor?: 'middle' | 'end'): string =>
  `<text class="${name}" x="${number(x)}" y="${number(y)}"${anchor === undefined ? '' : ` text-anchor="${anchor}"`}>${escaped(content)}</text>`;

const path = (name: string, line: Line): string =>
  `<path class="${name}" d="M${line.map(([x, y]) => `${number(x)} ${number(y)}`).join(' L')}"/>`;

export function graphSvg(topology: Topology): string {
  const { width, height, vpcs, peerings, internet, uplinks, ways } = layOut(topology);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${number(width)}" height="${number(height)}" viewBox="0 0 ${number(width)} ${number(height)}" role="img">`,
    `<title>${escaped(topology.vpcs.map(({ name }) => `VPC ${name}`).join(', ') || 'no VPCs')}</title>`,
    `<style>${style}</style>`,
    rectangle('ground', { x: 0, y: 0, width, height }, 0),
    ...(vpcs.length === 0 ? [text('title', width / 2, height / 2, 'no VPCs', 'middle')] : []),
    ...peerings.map(({ line }) => path('peering', line)),
    ...ways.map((way) => path('way', way)),
    ...vpcs.map((vpc) => rectangle('vpc', vpc, 12)),
    ...(internet === undefined ? [] : pill(internet, 'internet')),
    ...uplinks.flatMap((uplink) => pill(uplink, `NAT · ${uplink.name}`)),
    ...vpcs.flatMap(drawVpc),
    ...peerings.flatMap(drawLabel),
    '</svg>',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function pill(box: Box, content: string): string[] {
  return [
    rectangle('pill', box, box.height / 2),
    text('', box.x + box.width / 2, box.y + box.height / 2 + 4.5, content, 'middle'),
  ];
}

function drawVpc({ vpc, x, y, width, bridge, subnets }: PlacedVpc): string[] {
  const middle = bridge.y + bridge.height / 2 + 4.5;
  return [
    text('title', bridge.x, y + 34, vpc.name),
    text('address', x + width - 18 - (vpc.nat === undefined ? 0 : 60), y + 33, vpc.cidr, 'end'),
    ...subnets.map((subnet) => wire(subnet, bridge)),
    ...(vpc.nat === undefined
      ? []
      : [
          path('way', [
            [natEntry(bridge), y],
            [natEntry(bridge), bridge.y],
          ]),
        ]),
    rectangle('bridge', bridge, 8),
    text('bridge-text', bridge.x + 14, middle, vpc.bridge),
    text('bridge-address', bridge.x + bridge.width - 14, middle, vpc.gateway, 'end'),
    ...subnets.flatMap(drawSubnet),
  ];
}

/** From the bridge down beside the card, and into it. */
function wire({ x, y, height }: Box, bridge: Box): string {
  return path('wire', [
    [x - 16, bridge.y + bridge.height],
    [x - 16, y + height / 2],
    [x, y + height / 2],
  ]);
}

function drawSubnet({ subnet, x, y, width, height }: PlacedSubnet): string[] {
  const { name, cidr, type, address, link, policy } = subnet;
  const mark = { x: x + width - 62, y: y + 10, width: 52, height: 18 };
  return [
    rectangle(type, { x, y, width, height }, 8),
    text('', x + 12, y + 24, name),
    rectangle(`${type}-mark`, mark, 9),
    text('mark', mark.x + mark.width / 2, mark.y + 13, type, 'middle'),
    text('address', x + 12, y + 45, cidr),
    text('address', x + 12, y + 63, address),
    text('small', x + 12, y + 82, link),
    ...(policy === undefined
      ? []
      : [text('small', x + 12, y + 98, `policy ${policy.ingress} in, ${policy.egress} out`)]),
  ];
}

function drawLabel({ label: [x, y] }: PlacedPeering): string[] {
  return [
    rectangle('ground', { x: x - 30, y: y - 9, width: 60, height: 18 }, 4),
    text('peering-text', x, y + 4, 'peering', 'middle'),
  ];
}
