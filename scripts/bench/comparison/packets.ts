import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Section } from '../measurement.js';
import { PacketScene } from '../packets/packet-scene.js';
import { pair, pairId } from './pair.js';
import { Samples } from './samples.js';
import type { SideName } from './side.js';

const subjects = [
  { id: 'connect', label: 'TCP connection', what: 'connect', count: 100 },
  // Its 99th percentile is that of single connections.
  { id: 'single', label: 'TCP connection after a rest', what: 'connect', count: 1 },
  { id: 'bulk', label: '1 MiB, established TCP', what: 'bulk', count: 16 },
] as const;

export function packetSizes(quick: boolean): readonly number[] {
  return quick ? [10, 300] : [10, 1_000, 10_000];
}

/** What packets pay for as many rules and port forwards, with the rules of either program. */
export async function measureSidesPackets(disk: string, wrapper: string, quick: boolean): Promise<Section> {
  const sizes = packetSizes(quick);
  const rounds = quick ? 5 : 40;
  const samples = new Samples();
  const scenes: [SideName, PacketScene][] = [];
  try {
    for (const side of ['ours', 'shell'] as const) {
      const stateDisk = mkdtempSync(join(disk, `${side}-`));
      scenes.push([side, await PacketScene.create({ stateDisk, sizes, ...(side === 'shell' ? { wrapper } : {}) })]);
    }
    for (let round = 0; round <= rounds; round++) {
      for (const [side, scene] of round % 2 === 0 ? scenes : scenes.toReversed()) {
        for (const { id, what, count } of subjects) {
          for (const [index, network] of scene.networks.entries()) {
            const time = await scene.sample(network, what, 'port', count);
            if (round > 0) samples.push(pairId(`${id} ${sizes[index]}`, side), time);
          }
        }
      }
    }
  } finally {
    for (const [, scene] of scenes) await scene.destroy();
  }
  return {
    id: 'comparison-packets',
    title: 'What packets pay by the number of rules and port forwards',
    method:
      'As many rules as forwards of the address that packets go to, the ones they need in the middle. Time of one connection (made and ' +
      `reset) among ${subjects[0].count}, of a single one, and of one MiB of an established one. Both programs in turns.`,
    unit: 'µs',
    axis: 'rules and port forwards',
    measurements: subjects.flatMap(({ id, label }) =>
      sizes.flatMap((size) => pair(samples, `${id} ${size}`, `${label}, ${size.toLocaleString('en')} rules`)),
    ),
  };
}
