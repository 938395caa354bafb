import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Element, NamedSet, NetfilterSocket, NetfilterTransaction, Table } from '../../src/kernel/index.js';
import { api } from './kernel-api.js';
import type { Section } from './measurement.js';
import { NetlinkFloor } from './netlink-floor.js';

const table: Table = { object: 'table', family: 'ip', name: 'bench' };
/** As the map of port forwards is. */
const map: NamedSet = {
  object: 'set',
  table,
  name: 'port_forward',
  key: ['ipv4_addr', 'inet_proto', 'inet_service'],
  data: ['ipv4_addr', 'inet_service'],
};

/** Milliseconds after a map was deleted: the kernel frees it in the background, which must not disturb what comes next. */
const settling = 30;
/** Milliseconds before each transaction where it is to find everything asleep. */
const rest = 2;

interface Contest {
  readonly id: string;
  /** One transaction per list of elements; all elements are different. */
  readonly loads: readonly (readonly Element[])[];
  /** Milliseconds before each transaction. */
  readonly pause: number;
  readonly rounds: number;
}

/** The TypeScript API against a C program that sends the same bytes: turn and turn about, each into a map that is new. */
export async function measureKernel(quick: boolean): Promise<Section> {
  const directory = await mkdtemp(join(tmpdir(), 'cloudstack-netns-bench-'));
  try {
    const floor = await NetlinkFloor.start(directory);
    const socket = await api.NetfilterSocket.open();
    await socket.run(new api.NetfilterTransaction().add(table).add(map));
    const singles = Array.from({ length: 2_000 }, (_, index) => [elementAt(index)]);
    const load = Array.from({ length: 10_000 }, (_, index) => elementAt(index));
    const contests: Contest[] = [
      { id: 'single', loads: singles, pause: 0, rounds: quick ? 2 : 8 },
      { id: 'single-rested', loads: singles.slice(0, 25), pause: rest, rounds: quick ? 2 : 50 },
      { id: 'load', loads: [load], pause: 0, rounds: quick ? 5 : 100 },
    ];
    const results = new Map<string, Times>();
    for (const contest of contests) results.set(contest.id, await hold(contest, socket, floor));
    floor.end();
    return sectionOf(results);
  } finally {
    await rm(directory, { recursive: true });
  }
}

interface Times {
  readonly ours: number[];
  readonly floor: number[];
}

async function hold(contest: Contest, socket: NetfilterSocket, floor: NetlinkFloor): Promise<Times> {
  const times: Times = { ours: [], floor: [] };
  const bytes = contest.loads.map((elements) => api.NetfilterSocket.encode(transactionOf(elements)));
  const file = floor.prepare(contest.id, bytes);
  const sides = [
    async () => times.ours.push(...(await ours(contest, socket))),
    async () => times.floor.push(...(await floor.send(file, contest.pause * 1000))),
  ];
  // The first rounds warm up: compiled code, caches, the kernel's memory pools.
  const warmUp = Math.ceil(contest.rounds / 10);
  for (let round = 0; round < contest.rounds + warmUp; round++) {
    for (const side of sides) {
      await renew(socket);
      await side();
    }
    sides.reverse();
    if (round < warmUp) for (const list of Object.values(times)) list.length = 0;
  }
  return times;
}

async function ours(contest: Contest, socket: NetfilterSocket): Promise<number[]> {
  const times: number[] = [];
  for (const elements of contest.loads) {
    if (contest.pause > 0) await sleep(contest.pause);
    const start = process.hrtime.bigint();
    await socket.run(transactionOf(elements));
    times.push(Number(process.hrtime.bigint() - start));
  }
  return times;
}

/** A new, empty map. */
async function renew(socket: NetfilterSocket): Promise<void> {
  await socket.run(new api.NetfilterTransaction().delete(map).add(map));
  await sleep(settling);
}

function transactionOf(elements: readonly Element[]): NetfilterTransaction {
  return new api.NetfilterTransaction().addElements(map, elements);
}

/** Port forwards of one public address. */
function elementAt(index: number): Element {
  return { key: ['203.0.113.10', 6, 1 + index], data: [`10.1.${1 + (index >> 8)}.${index & 255}`, 22] };
}

function sectionOf(results: ReadonlyMap<string, Times>): Section {
  const times = (id: string) => results.get(id) ?? { ours: [], floor: [] };
  const pair = (id: string, label: string) =>
    [
      { id: `${id} floor`, label: `${label}: C`, nanoseconds: times(id).floor },
      { id, label: `${label}: API`, nanoseconds: times(id).ours, floor: `${id} floor` },
    ] as const;
  const [singleFloor, single] = pair('single', '1 element, back to back');
  const [restedFloor, rested] = pair('single-rested', `1 element, ${rest} ms of rest before`);
  const [loadFloor, load] = pair('load', '10,000 elements');
  const aboveFloor = { kind: 'above-floor', nanoseconds: 30_000 } as const;
  return {
    id: 'kernel',
    title: 'The TypeScript API against the raw floor',
    method:
      'One nf_tables transaction into a new data map, in a network namespace of its own. Floor: a C program sends the very bytes the ' +
      'API would send, on an open socket, and reads the acknowledgement. The API starts from typed objects. Both take turns.',
    unit: 'µs',
    measurements: [
      singleFloor,
      { ...single, goal: aboveFloor },
      restedFloor,
      // Without a goal: what it adds is the price of waking a processor twice, see docs/benchmarks.md.
      rested,
      loadFloor,
      { ...load, goal: { kind: 'times-floor', factor: 1.3 } },
    ],
  };
}
