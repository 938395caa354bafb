import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import type { Outcome } from '../host/outcome.js';
import { patience, timeFactor } from '../host/patience.js';
import { projectRoot } from '../host/project-root.js';
import { ask, askPassword, entry } from './guest-http.js';
import { Network } from './network.js';
import { attachGuest, createHost, daemons } from './scene.js';

const program = join(projectRoot, 'test/system/hostile-guest.py');

/** A command or an answer may take this long while somebody means harm, in milliseconds; the start of curl is in it. */
const bound = patience(3_000);

/** Connections until it is looked how the others fare. */
const enough = Math.ceil(10_000 / timeFactor);

/** How much the daemon may grow meanwhile, in KiB. */
const growth = 96 * 1024;

describe('a guest that means harm', () => {
  let host: TestHost;
  let network: Network;
  let other: Network;
  let hostile: Endpoint;
  let neighbour: Endpoint;
  let stranger: Endpoint;

  beforeAll(async () => {
    host = await createHost({ guestVlans: [100, 101] });
    network = new Network(host, { id: 42, vlan: 100 });
    other = new Network(host, { id: 43, vlan: 101, prefix: '10.1.2' });
    for (const one of [network, other]) {
      await one.implement();
      await one.saveVmData(`${one.prefix}.10`, [entry('metadata', 'instance-id', `vm of ${one.id}`)]);
      await one.savePassword(`${one.prefix}.10`, `secret of ${one.id}`);
    }
    // Asked for a hundred times a second; a slow machine would have nothing else to do than to send it.
    const large = Buffer.alloc(Math.ceil(900_000 / timeFactor), 'x');
    await network.saveVmData('10.1.1.66', [entry('userdata', 'user_data', large)]);
    hostile = await attachGuest(host, network, 66, 100);
    neighbour = await attachGuest(host, network, 10, 100);
    stranger = await attachGuest(host, other, 10, 101);
  });
  afterAll(() => host?.destroy());

  const memory = async () => {
    const [pid] = await daemons(host);
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await host.self.output('cat', `/proc/${pid}/status`))?.[1]);
  };

  /** Milliseconds of the longest of some calls, one after the other. */
  async function longest(...calls: readonly (() => Promise<void>)[]): Promise<number> {
    let most = 0;
    for (const call of calls) {
      const begin = performance.now();
      await call();
      most = Math.max(most, performance.now() - begin);
    }
    return most;
  }

  /** What others are told, and commands: each must come within the bound. */
  const othersAreServed = () =>
    longest(
      async () => expect((await ask(neighbour, 'http://10.1.1.1/latest/meta-data/instance-id')).body).toBe('vm of 42'),
      async () => expect((await ask(stranger, 'http://10.1.2.1/latest/meta-data/instance-id')).body).toBe('vm of 43'),
      async () => expect(await askPassword(neighbour, '10.1.1.1', 'send_my_password')).toBe('secret of 42'),
      async () => expect(await askPassword(stranger, '10.1.2.1', 'send_my_password')).toBe('secret of 43'),
      async () => void (await network.savePassword('10.1.1.10', 'secret of 42')),
      async () => void (await other.saveUserdata('10.1.2.10', Buffer.from('new'))),
      async () => void (await network.implement()),
    );

  /** Has the guest do harm in some ways at once until `task` is done. */
  async function during(modes: readonly string[], task: () => Promise<void>): Promise<Outcome[]> {
    const files = modes.map((mode) => `/run/hostile-${mode}`);
    await host.self.output('rm', '-f', ...files.flatMap((file) => [file, `${file}.stop`]));
    const harm = modes.map((mode, index) =>
      hostile.run(
        ['/usr/bin/python3', program, mode, '10.1.1.1', files[index] ?? '', String(patience(5)), String(enough)],
        {
          deadline: patience(60_000),
        },
      ),
    );
    try {
      const isAtIt = async () => (await host.self.run(['ls', ...files])).exit === 0;
      expect(await hostile.eventually(isAtIt, patience(20_000))).toBe(true);
      await task();
    } finally {
      for (const file of files) await host.writeFile(`${file}.stop`, '');
    }
    return Promise.all(harm);
  }

  test.each([
    [`opens ${enough} connections`, 'connections'],
    ['sends headers without end', 'headers'],
    ['sends thousands of requests at once', 'pipeline'],
    ['does not take what it has asked for', 'reader'],
  ])('and %s keeps nobody waiting, and costs no memory', async (_, mode) => {
    const before = await memory();
    const [outcome] = await during([mode], async () => {
      for (let round = 0; round < 3; round++) expect(await othersAreServed()).toBeLessThan(bound);
      expect(await memory()).toBeLessThan(before + growth);
    });
    expect(outcome?.exit, outcome?.stderr).toBe(0);
    if (mode === 'connections') {
      const [, opened, open] = /^(\d+) connections, (\d+) stay\n$/.exec(outcome?.stdout ?? '') ?? [];
      expect(Number(opened)).toBeGreaterThanOrEqual(enough);
      expect(Number(open)).toBeLessThanOrEqual(16);
    }
    if (mode === 'headers') {
      const [, bytes] = /, (\d+) bytes of headers\n$/.exec(outcome?.stdout ?? '') ?? [];
      // What fits into the buffers of two sockets, by far not what it has to say.
      expect(Number(bytes)).toBeLessThan(9_000_000);
    }
  });

  test('in every way at once keeps nobody waiting; afterwards it is served as others are', async () => {
    await during(['connections', 'headers', 'pipeline', 'reader'], async () => {
      for (let round = 0; round < 3; round++) expect(await othersAreServed()).toBeLessThan(bound);
    });
    const isServed = async () => (await ask(hostile, 'http://10.1.1.1/latest/')).body === 'user-data\n';
    expect(await hostile.eventually(isServed, patience(15_000))).toBe(true);
    expect(await daemons(host)).toHaveLength(1);
    const status = await host.self.output(host.program, 'status');
    expect(status).toContain('served to the guests of 2 networks\n');
  });

  test('is told that its headers are too large', async () => {
    const large = ['--header', `X-Large: ${'y'.repeat(20_000)}`];
    expect((await ask(neighbour, 'http://10.1.1.1/latest/', large)).status).toBe(431);
    expect((await ask(neighbour, 'http://10.1.1.1:8080/', large)).status).toBe(431);
  });
});
