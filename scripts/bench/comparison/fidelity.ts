import type { Section } from '../measurement.js';
import { median } from '../statistics.js';
import { align } from '../table.js';
import { pairId } from './pair.js';

/** Milliseconds that the real shell wrapper (generation 1) takes on the build machine when nothing else runs on it. */
const realWrapper: readonly [label: string, ids: readonly string[], milliseconds: number][] = [
  ['implement-network', ['implement-network'], 165],
  ['assign-ip, without its wait', ['assign-ip'], 138],
  ['add-static-nat', ['add-static-nat'], 91],
  ['add-port-forward', ['add-port-forward'], 84],
  ['delete-port-forward', ['delete-port-forward'], 108],
  ['add-dhcp-entry', ['add-dhcp-entry'], 51],
  ['save-vm-data', ['save-vm-data'], 114],
  ['apply-fw-rules, 100 rules', ['apply-fw-rules 100'], 421],
  ['apply-fw-rules, 1,000 rules', ['apply-fw-rules 1000'], 2717],
  ['restore-network, 200 guests', ['restore-network'], 186],
  ['shutdown- and destroy-network', ['shutdown-network', 'destroy-network'], 299],
];

/** How near scripts/baseline comes to what it stands for: both must take the same, or ratios to it say nothing. */
export function fidelityRows(sections: readonly Section[]): string[][] {
  const medians = new Map(
    sections.flatMap(({ measurements }) =>
      measurements.map(({ id, nanoseconds }) => [id, median(nanoseconds)] as const),
    ),
  );
  const lines = realWrapper.flatMap(([label, ids, real]) => {
    const ours = ids.reduce((sum, id) => sum + (medians.get(pairId(id, 'shell')) ?? Number.NaN), 0) / 1e6;
    return Number.isNaN(ours) ? [] : [[label, String(real), ours.toFixed(0), `${(ours / real).toFixed(2)}x`]];
  });
  return [['', 'real wrapper, idle machine, ms', 'scripts/baseline, ms', 'ratio'], ...lines];
}

export function fidelityTable(sections: readonly Section[]): string {
  return `scripts/baseline and the wrapper it stands for\n${align(fidelityRows(sections))}`;
}
