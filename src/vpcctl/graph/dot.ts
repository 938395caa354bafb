/** A topology in the language of Graphviz (graphviz.org, "DOT Language"). */

import type { DrawnVpc, Topology } from './topology.js';

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
/** Lines in a label; `\n` is the language's own. */
const label = (...lines: readonly string[]): string =>
  `"${lines.map((line) => line.replaceAll('\\', '\\\\').replaceAll('"', '\\"')).join('\\n')}"`;

export function graphDot({ vpcs, peerings }: Topology): string {
  const hasNat = vpcs.some(({ nat }) => nat !== undefined);
  const links = [...new Set(vpcs.flatMap(({ nat }) => nat ?? []))];
  const lines = [
    'graph vpcs {',
    '  graph [fontname="Helvetica", rankdir=TB, compound=true];',
    '  node [fontname="Helvetica", shape=box, style="rounded,filled", fillcolor=white];',
    '  edge [fontname="Helvetica", fontsize=10];',
    ...(hasNat ? ['  internet [shape=ellipse, label="internet"];'] : []),
    ...links.flatMap((link) => [
      `  ${quoted(`link ${link}`)} [shape=cds, label=${label(link)}];`,
      `  internet -- ${quoted(`link ${link}`)};`,
    ]),
    ...vpcs.flatMap(cluster),
    ...peerings.map(
      ([one, other]) =>
        `  ${quoted(`bridge ${vpcs[one]?.name}`)} -- ${quoted(`bridge ${vpcs[other]?.name}`)} [style=dashed, label="peering"];`,
    ),
    '}',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function cluster({ name, cidr, bridge, gateway, nat, subnets }: DrawnVpc): string[] {
  const node = quoted(`bridge ${name}`);
  return [
    `  subgraph ${quoted(`cluster_${name}`)} {`,
    `    label=${label(`VPC ${name}`, cidr)}; style="rounded,filled"; color="#9db4c8"; fillcolor="#f3f7fa";`,
    `    ${node} [label=${label(bridge, `gateway ${gateway}`)}, fillcolor="#dbe7f0"];`,
    ...subnets.flatMap((subnet) => {
      const own = quoted(`subnet ${name} ${subnet.name}`);
      const color = subnet.type === 'public' ? '#e3f4e6' : '#fdf0dc';
      return [
        `    ${own} [label=${label(`${subnet.name} (${subnet.type})`, subnet.cidr, subnet.address)}, fillcolor="${color}"];`,
        `    ${node} -- ${own} [label=${label(subnet.link)}];`,
      ];
    }),
    '  }',
    ...(nat === undefined ? [] : [`  ${quoted(`link ${nat}`)} -- ${node} [label="NAT"];`]),
  ];
}
