import type { Network } from '../../../test/system/network.js';
import type { Measurement, Section } from '../measurement.js';
import { PacketScene, type Shape, shapes } from './packet-scene.js';

/** Rules and port forwards of the network that the other one is compared with. */
const few = 10;
const many = 10_000;

/** Rates: many must reach 0.95 of few, so that times are at most so much longer. */
const mostTimes = 1 / 0.95;

interface Subject {
  readonly id: string;
  readonly label: string;
  readonly what: 'connect' | 'datagram' | 'bulk';
  readonly shape: Shape;
  /** Connections, flows, or mebibytes of one sample. */
  readonly count: number;
}

const shapeNames = ['port', 'network', 'range'] as const;

function subjects(quick: boolean): readonly Subject[] {
  const count = quick ? 100 : 200;
  return [
    ...shapeNames.map((shape) => ({
      id: `connect ${shape}`,
      label: `TCP connection, ${shapes[shape].words}`,
      what: 'connect' as const,
      shape,
      count,
    })),
    ...shapeNames.map((shape) => ({
      id: `datagram ${shape}`,
      label: `new UDP flow, ${shapes[shape].words}`,
      what: 'datagram' as const,
      shape,
      count,
    })),
    { id: 'bulk', label: '1 MiB, established TCP', what: 'bulk', shape: 'port', count: quick ? 16 : 32 },
  ];
}

/**
 * What packets pay for long lists: the same traffic to a network with few rules and port forwards and to one with very many.
 *
 * @param stateDisk becomes the host's /var/lib/cloudstack
 */
export async function measurePackets(stateDisk: string, quick: boolean): Promise<Section> {
  const longest = quick ? 1_000 : many;
  const scene = await PacketScene.create({ stateDisk, sizes: [few, few, longest] });
  try {
    const sides = sidesOf(scene);
    const times = new Map<string, number[]>();
    const rounds = quick ? 5 : 150;
    const warmUp = Math.ceil(rounds / 10);
    for (let round = 0; round < warmUp + rounds; round++) {
      for (const { id, what, shape, count } of subjects(quick)) {
        for (const { side, network } of sides) {
          const time = await scene.sample(network, what, shape, count);
          if (round >= warmUp) push(times, `${id} ${side}`, time);
        }
      }
      sides.reverse();
    }
    return sectionOf(times, subjects(quick), longest);
  } finally {
    await scene.destroy();
  }
}

interface Side {
  readonly side: string;
  readonly network: Network;
}

function sidesOf({ networks: [one, other, long] }: PacketScene): Side[] {
  if (one === undefined || other === undefined || long === undefined) throw new Error('three networks are needed');
  return [
    { side: 'few', network: one },
    { side: 'control', network: other },
    { side: 'many', network: long },
  ];
}

function push(times: Map<string, number[]>, id: string, time: number): void {
  const list = times.get(id);
  if (list === undefined) times.set(id, [time]);
  else list.push(time);
}

function sectionOf(times: ReadonlyMap<string, number[]>, all: readonly Subject[], longest: number): Section {
  const words = longest.toLocaleString('en');
  const measurements = all.flatMap(({ id, label }): Measurement[] => {
    const of = (side: string) => times.get(`${id} ${side}`) ?? [];
    const floor = `${id} few`;
    return [
      { id: floor, label: `${label}: ${few}`, nanoseconds: of('few') },
      { id: `${id} control`, label: `${label}: ${few}, elsewhere`, nanoseconds: of('control'), floor },
      {
        id: `${id} many`,
        label: `${label}: ${words}`,
        nanoseconds: of('many'),
        floor,
        goal: { kind: 'times-floor', factor: mostTimes },
      },
    ];
  });
  return {
    id: 'packets',
    title: 'What packets pay for long lists',
    method:
      `From outside through a port forward to a guest, in networks with ${few} and with ${words} firewall rules and port forwards, all of ` +
      'the address that the packets go to, in turns. Time of one connection (made and reset), of one UDP flow (a datagram and its ' +
      'answer), and of one MiB. What lets a connection in: as said. Elsewhere: a second network with few, to show the noise.',
    unit: 'µs',
    measurements,
  };
}
