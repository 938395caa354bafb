import { TestHost } from '../../../test/host/host.js';
import { Network } from '../../../test/system/network.js';
import { startApache, startPasswordServer } from '../../../test/system/shell-servers.js';
import { type Footprint, footprintOf, type MemoryRow, pidsOf } from './memory.js';

const guestVlan = 1000;

/** The two kinds of processes that the shell wrapper has run for each network. */
const kinds = { apache2: 'apache2', python: 'python3' } as const;
type Kind = keyof typeof kinds;

/**
 * What the shell wrapper's way takes for `networks` networks: Apache and a Python program for each. Measured with half a sample and with the
 * whole, and extrapolated by the difference: what processes of a kind share is there once, and counts once.
 */
export async function measureShellWay(sample: number, networks: number): Promise<MemoryRow[]> {
  const host = await TestHost.create({ guestVlans: Array.from({ length: sample }, (_, at) => guestVlan + at) });
  try {
    await host.install();
    const half = Math.floor(sample / 2);
    for (let at = 0; at < half; at++) await startServers(host, at);
    const first = await footprints(host);
    for (let at = half; at < sample; at++) await startServers(host, at);
    const second = await footprints(host);
    return (Object.keys(kinds) as Kind[]).map((kind) => {
      const extrapolate = (part: (footprint: Footprint) => number) =>
        part(second[kind]) + ((part(second[kind]) - part(first[kind])) / (sample - half)) * (networks - sample);
      return {
        id: `shell ${kind}`,
        label: `shell wrapper: ${kinds[kind]} for each network`,
        side: 'floor',
        processes: Math.round(extrapolate(({ processes }) => processes)),
        kibibytes: [extrapolate(({ proportional }) => proportional)],
        extrapolatedFrom: sample,
      };
    });
  } finally {
    await host.destroy();
  }
}

async function startServers(host: TestHost, at: number): Promise<void> {
  const network = new Network(host, { id: 700 + at, vlan: guestVlan + at });
  await network.implement();
  await startApache(network, network.inside);
  await startPasswordServer(network, network.inside);
}

async function footprints(host: TestHost): Promise<Record<Kind, Footprint>> {
  const servers = async (name: string, file: string) => {
    const pids = await pidsOf(host, name);
    const lines = await Promise.all(pids.map((pid) => host.self.run(['cat', `/proc/${pid}/cmdline`])));
    return footprintOf(
      host,
      pids.filter((_, index) => lines[index]?.stdout.includes(file)),
    );
  };
  return {
    apache2: await servers('apache2', 'apache2.conf'),
    // Not the test host's own program.
    python: await servers('python3', 'passwd-server.py'),
  };
}
