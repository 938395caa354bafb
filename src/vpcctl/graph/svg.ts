import type { Topology } from './topology.js';
export function graphSvg(_: Topology): string {
  return '';
}
